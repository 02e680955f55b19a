package embedded

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
	"syscall"
	"time"
)

// guardScript runs the command given as its arguments for as long as its standard input stays open. The program holds
// the other end of that pipe and never writes: the kernel closes it however the program ends, which the reader below
// sees at once, on every POSIX system.
//
// The script ignores the signals that a terminal or a service manager sends to all processes of a program, since the
// program itself decides when the server goes. Background commands start with SIGINT ignored until they install
// handlers, hence the repetition. When the command ends by itself, SIGUSR1 ends the reader with its nap, so nothing
// is left behind. The script's own stderr is closed for the shells that announce the death of a background command.
//
// 10 seconds of SIGINT (fast shutdown: roll back, checkpoint, exit), 5 of SIGQUIT (exit now, recover at the next
// start), then SIGKILL.
const guardScript = `
trap '' HUP INT TERM
exec 3<&0 </dev/null
"$@" 3<&- &
server=$!
exec 2>/dev/null
(
	read -r end <&3
	nap=
	trap 'kill -s KILL $nap; wait; exit' USR1
	for signal in INT INT INT INT INT INT INT INT INT INT QUIT QUIT QUIT QUIT QUIT KILL; do
		kill -s $signal $server || exit
		sleep 1 3<&- & nap=$!
		wait $nap
	done
) &
reader=$!
wait $server
code=$?
kill -s USR1 $reader
wait $reader
exit $code
`

// stopLimit is how long a stop may take; the script's own escalation is over before.
const stopLimit = 20 * time.Second

// process is a command that lives no longer than this program.
type process struct {
	guard  *exec.Cmd
	leash  io.Closer     // closing it makes the guard end the command
	exited chan struct{} // closed when the command has ended; err is set by then
	err    error
}

// startGuarded starts a command as the given account, in a process group of its own so that Ctrl-C in a terminal does
// not reach it before the program's own stop. Its output goes to output.
func startGuarded(as account, output io.Writer, name string, args ...string) (*process, error) {
	guard := exec.Command("/bin/sh", append([]string{"-c", guardScript, "structural-guard", name}, args...)...)
	guard.Stdout, guard.Stderr = output, output
	guard.Dir = "/" // the program's own directory may be closed to the account
	guard.Env = environment()
	guard.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: as.credential()}
	// A killed server's backends hold the output open for a moment; they are not waited for.
	guard.WaitDelay = 500 * time.Millisecond
	leash, err := guard.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := guard.Start(); err != nil {
		return nil, fmt.Errorf("running %s as %s: %w", name, as.name, err)
	}
	p := &process{guard: guard, leash: leash, exited: make(chan struct{})}
	go func() {
		defer close(p.exited)
		// Wait also closes the leash, so a command that outlives a killed guard is ended by the reader.
		if err := guard.Wait(); !errors.Is(err, exec.ErrWaitDelay) {
			p.err = err
		}
	}()
	return p, nil
}

// stop ends the command and waits for it. It gives nil if the command then exited with code 0.
func (p *process) stop() error {
	p.leash.Close()
	select {
	case <-p.exited:
	case <-time.After(stopLimit):
		_ = syscall.Kill(-p.guard.Process.Pid, syscall.SIGKILL)
		<-p.exited
	}
	if p.err != nil {
		return fmt.Errorf("PostgreSQL did not end cleanly (%s); the next start recovers its data", p.reason())
	}
	return nil
}

// reason says in a few words how the command ended.
func (p *process) reason() string {
	if p.err != nil {
		return p.err.Error()
	}
	return "exit status 0"
}
