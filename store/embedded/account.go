package embedded

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// account is the user that runs the server. PostgreSQL refuses to run as root.
type account struct {
	name     string
	uid, gid uint32
	switched bool // it is not the program's own user
}

// ownAccount is the program's own user.
func ownAccount() account {
	uid := uint32(os.Geteuid())
	return account{name: accountName(uid), uid: uid, gid: uint32(os.Getegid())}
}

// servantAccount is the user that root hands a new cluster to.
func servantAccount() (account, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseInt(u.Uid, 10, 64)
		gid, gidErr := strconv.ParseInt(u.Gid, 10, 64)
		if uidErr == nil && gidErr == nil && uid != 0 {
			return account{name: name, uid: uint32(uid), gid: uint32(gid), switched: true}, nil
		}
	}
	return account{}, errors.New("PostgreSQL refuses to run as root, and there is no user postgres or nobody: " +
		"create one, run the program as an ordinary user, or set DATABASE_URL")
}

// ownerAccount is the user that a directory belongs to.
func ownerAccount(dir string) (account, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return account{}, err
	}
	stat := info.Sys().(*syscall.Stat_t)
	return account{
		name:     accountName(stat.Uid),
		uid:      stat.Uid,
		gid:      stat.Gid,
		switched: stat.Uid != uint32(os.Geteuid()),
	}, nil
}

func accountName(uid uint32) string {
	if u, err := user.LookupId(strconv.FormatUint(uint64(uid), 10)); err == nil {
		return u.Username
	}
	return fmt.Sprintf("uid %d", uid)
}

// credential is what a child process needs to run as the account: nil for the program's own.
func (a account) credential() *syscall.Credential {
	if !a.switched {
		return nil
	}
	return &syscall.Credential{Uid: a.uid, Gid: a.gid}
}

// canReach tells whether the account can work below dir. It is tried, not computed, because access lists and mount
// options have a say too.
func (a account) canReach(dir string) bool {
	try := exec.Command("/bin/sh", "-c", `cd -- "$1"`, "sh", dir)
	try.Dir = "/"
	try.Env = environment()
	try.SysProcAttr = &syscall.SysProcAttr{Credential: a.credential()}
	return try.Run() == nil
}

// take makes a directory private to the account.
func (a account) take(dir string) error {
	if a.switched {
		if err := os.Chown(dir, int(a.uid), int(a.gid)); err != nil {
			return err
		}
	}
	return os.Chmod(dir, 0o700)
}

// environment is all that PostgreSQL's processes get of the program's environment, which may hold secrets and PG…
// variables that would change the server's settings.
func environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
}
