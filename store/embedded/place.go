package embedded

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// stateRoot holds the clusters of data directories that the server's user cannot reach.
const stateRoot = "/var/lib/structural"

// place is where the server's files are and who owns them.
type place struct {
	dataDir string // as configured, absolute; holds the lock
	home    string // holds the cluster: dataDir, or a directory below stateRoot
	account account
}

// cluster is PostgreSQL's own data directory. It either exists whole or not at all.
func (p place) cluster() string {
	return filepath.Join(p.home, "postgres")
}

// HasData says whether dataDir has a cluster, so that [Start] would not make one. It changes nothing.
func HasData(dataDir string) (bool, error) {
	dataDir, err := filepath.Abs(dataDir)
	if err != nil {
		return false, err
	}
	if real, err := filepath.EvalSymlinks(dataDir); err == nil {
		dataDir = real
	}
	homes := []string{dataDir}
	if os.Geteuid() == 0 {
		homes = append(homes, fallbackHome(dataDir))
	}
	for _, home := range homes {
		_, err := clusterMajor(place{home: home}.cluster())
		if !errors.Is(err, fs.ErrNotExist) {
			return err == nil, explainPermission(home, err)
		}
	}
	return false, nil
}

// prepareDataDir creates the data directory and gives its absolute path without symbolic links.
func prepareDataDir(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("the data directory has no name: set DATA_DIR")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if err := makePassable(dir); err != nil {
		return "", explainPermission(dir, err)
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", explainPermission(dir, err)
	}
	return real, nil
}

// makePassable creates a directory, if it is missing, that others can pass through whatever the umask is: root's server
// runs as another user. What is put into it is private.
func makePassable(dir string) error {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.Chmod(dir, 0o755)
}

// choosePlace decides where the cluster of a data directory lives and who runs it. Data that exists is never passed
// over in silence: where it cannot be used, that is an error.
func choosePlace(dataDir string) (place, error) {
	here := place{dataDir: dataDir, home: dataDir, account: ownAccount()}
	if here.account.uid != 0 {
		return here, here.checkOwner()
	}
	elsewhere := place{dataDir: dataDir, home: fallbackHome(dataDir)}
	for _, p := range []place{here, elsewhere} {
		owner, err := ownerAccount(p.cluster())
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return place{}, err
		}
		p.account = owner
		return p, p.checkReach()
	}
	servant, err := servantAccount()
	if err != nil {
		return place{}, err
	}
	here.account, elsewhere.account = servant, servant
	if servant.canReach(dataDir) {
		return here, nil
	}
	for _, dir := range []string{stateRoot, elsewhere.home} {
		if err := makePassable(dir); err != nil {
			return place{}, err
		}
	}
	return elsewhere, elsewhere.checkReach()
}

// fallbackHome is the same for the same data directory every time.
func fallbackHome(dataDir string) string {
	return filepath.Join(stateRoot, fmt.Sprintf("%s-%.4x", filepath.Base(dataDir), sha256.Sum256([]byte(dataDir))))
}

// checkOwner is for an ordinary user, who can only run a cluster of his own.
func (p place) checkOwner() error {
	owner, err := ownerAccount(p.cluster())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return explainPermission(p.home, err)
	}
	if owner.uid != p.account.uid {
		return foreignError(p.cluster(), owner)
	}
	return nil
}

// checkReach is for root, whose server runs as somebody else.
func (p place) checkReach() error {
	if p.account.uid == 0 {
		return fmt.Errorf("%s belongs to root, and PostgreSQL refuses to run as root: give it to another user (chown -R postgres %s)",
			p.cluster(), p.cluster())
	}
	if !p.account.canReach(p.home) {
		return fmt.Errorf("PostgreSQL runs as %s, who cannot reach %s: make the directories above it passable (chmod o+x)",
			p.account.name, p.home)
	}
	return nil
}

// explainPermission turns a refusal by the file system to work in dir into a line that says whose directory it is. Other
// errors stay as they are.
func explainPermission(dir string, err error) error {
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	for at := dir; ; at = filepath.Dir(at) {
		owner, statErr := ownerAccount(at)
		switch {
		case statErr != nil && at != filepath.Dir(at):
			continue // missing, or hidden by its parent
		case statErr != nil || !owner.switched:
			return err
		case at == dir:
			return foreignError(dir, owner)
		default:
			return fmt.Errorf("%s cannot be used: %s belongs to %s and this program runs as %s: run it as %s or set DATA_DIR",
				dir, at, owner.name, ownAccount().name, owner.name)
		}
	}
}

func foreignError(dir string, owner account) error {
	own := ownAccount()
	return fmt.Errorf("%s belongs to %s and this program runs as %s: run it as %s, give the directory away (chown -R %s %s), or set DATA_DIR",
		dir, owner.name, own.name, owner.name, own.name, dir)
}
