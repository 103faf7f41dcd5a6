import { autotools, debian, gnu, tools } from "../lib/linux/mod.ts"
import ncurses from "./ncurses.ts"

const sha256 = "5ad29222bbd55624d87ea677928b3106a743114d6c6f9b41f36c97be2a8e628d"

export default autotools({
  name: "nano",
  version: "8.4",
  about: "an editor that shows its keys",
  license: "GPL-3.0-or-later",
  source: [gnu("nano/nano-8.4.tar.xz", sha256), debian("nano", sha256, { suite: "trixie" })],
  needs: [ncurses],
  seconds: 30,
  configure: ["--disable-dependency-tracking --disable-libmagic --disable-nls --enable-utf8"],
  // configure would run programs to learn these; a cross build cannot.
  answers: { gl_cv_func_strcasecmp_works: "yes" },
  // Upstream has no tests. Keys are typed on a terminal, each time that nano shows what is awaited; what it saves is compared.
  checkTools: [tools.python],
  check: () => `cat >typed.py <<'END'
import os, pty, re, signal, subprocess, sys

def late(*_):
    raise TimeoutError

signal.signal(signal.SIGALRM, late)
signal.alarm(600)

def edit(arguments, *steps):
    master, slave = pty.openpty()
    nano = subprocess.Popen(sys.argv[1:] + ["--ignorercfiles"] + arguments, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    for awaited, keys in steps:
        shown = b""
        while awaited.encode() not in re.sub(rb"\\x1b\\[[0-9;?]*[a-zA-Z]", b"", shown):
            try:
                shown += os.read(master, 4096)
            except OSError:
                sys.exit(f"{arguments}: {awaited!r} was not shown, but {shown!r}")
        os.write(master, keys.replace("\\n", "\\r").encode())
    try:
        while os.read(master, 4096):
            pass
    except OSError:
        assert nano.wait(60) == 0, nano.returncode

def holds(path, text):
    with open(path, encoding="utf-8", newline="") as file:
        found = file.read()
    assert found == text, (path, found)

def control(letter):
    return chr(ord(letter) & 31)

cut, exits, paste, save, writes, alt = *map(control, "KXUSO"), "\\x1b"
edit(["new"], ("New File", "The quick brown fox\\njumps over\\nthe dog" + control("\\\\")),
    ("Search (to replace)", "quick\\n"), ("Replace with", "slow\\n"), ("instance?", "a"),
    ("Replaced 1 occurrence", alt + "\\\\" + cut + paste + paste + writes), ("Write to File", "\\n"), (" lines ]", exits))
holds("new", "The slow brown fox\\n" * 2 + "jumps over\\nthe dog\\n")
edit(["+3", "new"], ("jumps over", cut + alt + "U" + control("E") + " \\u00fc\\u20ac" + control("W")), ("Search", "dog\\nbig " + save), (" lines ]", exits))
holds("new", "The slow brown fox\\n" * 2 + "jumps over \\u00fc\\u20ac\\nthe big dog\\n")
edit(["--view", "new"], ("slow", "x"), ("Key is invalid in view mode", exits))
edit(["--fill=20", "--autoindent", "--tabsize=2", "--tabstospaces", "wrapped"], ("New File", "\\tindented\\nwords and words and words" + alt + "J"),
    ("Justified", save), ("Wrote", exits))
holds("wrapped", "  indented words and \\n  words and words\\n")
END
TERM=vt100 LC_ALL=C.UTF-8 python3 typed.py $EMULATOR src/nano`,
})
