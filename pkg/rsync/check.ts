// What rsync's tests call that is not of the base tools: extended attributes, and a user who is not root.

export const helpers = `cat >bin/setfattr <<'END'
import os, sys
for path in sys.argv[5:]:
    os.setxattr(path, sys.argv[2], sys.argv[4].encode())
END
cat >bin/getfattr <<'END'
import os, sys
for path in sys.argv[2:]:
    print(path, [(name, os.getxattr(path, name)) for name in sorted(os.listxattr(path)) if name.startswith("user.")])
END
cat >bin/as-user <<'END'
import ctypes, os, sys
CLONE_NEWUSER = 0x10000000
uid, gid = os.getuid(), os.getgid()
ctypes.CDLL(None).unshare(CLONE_NEWUSER)
for name, text in ("setgroups", "deny"), ("uid_map", f"1 {uid} 1"), ("gid_map", f"1 {gid} 1"):
    with open("/proc/self/" + name, "w") as file:
        file.write(text)
os.execvp(sys.argv[1], sys.argv[1:])
END
`
