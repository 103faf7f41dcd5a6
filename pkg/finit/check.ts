// Upstream's test-suite fetches a busybox from the network and maps more users than the sandbox has; each image is booted by check-boot.
// As there, it is process 1 of namespaces, and starts and ends what it is told to.

/** Starts it as process 1, and asks what it did. */
export const startsServices = (): string => `cat >start.c <<'end'
#define _GNU_SOURCE
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) {
  int status = 1, failed = unshare(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC);
  if (failed || fork()) return alarm(500), failed || wait(&status) < 0 || status;
  mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), mount(".", "root/build", NULL, MS_BIND, NULL);
  mount("/dev", "root/dev", NULL, MS_BIND | MS_REC, NULL), mount("/usr", "root/usr", NULL, MS_BIND | MS_REC, NULL);
  if (chroot("root") || chdir("/") || mount("proc", "/proc", "proc", 0, NULL)) return 1;
  return execvp(argv[1], argv + 1);
}
end
"$CC" $CFLAGS $LDFLAGS start.c -o start
(mkdir root && cd root && mkdir -p build dev etc/finit.d proc run sys tmp usr var && cp -P /bin /lib* /sbin . && ln -s ../run var/run && touch etc/fstab)
cat >root/etc/finit.conf <<'end'
run [S] name:first /bin/touch /build/first -- First
service [23] name:server /bin/sleep 1000 -- Server
service [3] name:three /bin/sleep 1000 -- Three
task [3] <service/three/running,usr/begun> name:later /bin/touch /build/later -- Later
task [23] name:tests /bin/sh /build/tests -- Tests
end
printf 'initctl() { %s /build/src/initctl -b -p "$@"; }\\n' "$EMULATOR" >tests
cat >>tests <<'end'
exec >/build/results 2>&1
becomes() {
  for time in $(seq 200); do eval "$1" && echo "$1" && return; sleep 0.3; done
  initctl status; initctl poweroff; exit
}
is() { initctl status $1 | grep -q "$2"; }
becomes '[ "$(initctl runlevel)" = "N 2" ]' && becomes 'is server "Status : running"' && becomes 'is three "Status : halted"'
kill -9 $(initctl status server | awk '/PID :/ { print $3 }') && becomes 'is server "Restarts : 1 " && is server "Status : running"'
initctl stop server && becomes 'is server "Status : stopped"'
initctl start server && becomes 'is server "Status : running"'
echo 'service [2] name:added /bin/sleep 1000 -- Added' >/etc/finit.d/added.conf && initctl reload && becomes 'is added "Status : running"'
rm /etc/finit.d/added.conf && initctl reload && becomes '! initctl status | grep -q added'
initctl cond set begun && initctl runlevel 3 && becomes 'is three "Status : running"' && becomes '[ -e /build/later ]'
echo passed && initctl poweroff
end
container=unshare $EMULATOR ./start $EMULATOR /build/src/finit
cat results && [ -e first ] && grep -x passed results`
