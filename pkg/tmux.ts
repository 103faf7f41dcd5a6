import { autotools, debian, tools, url } from "../lib/linux/mod.ts"
import libevent from "./libevent.ts"
import ncurses from "./ncurses.ts"

const sha256 = "16216bd0877170dfcc64157085ba9013610b12b082548c7c9542cc0103198951"

export default autotools({
  name: "tmux",
  version: "3.5a",
  about: "several terminals in one, which stay when one leaves",
  license: "ISC",
  source: [
    url("https://github.com/tmux/tmux/releases/download/3.5a/tmux-3.5a.tar.gz", sha256),
    debian("tmux", sha256, { suite: "trixie" }),
  ],
  tools: [tools.bison, tools.m4, tools.pkgConfig],
  needs: [libevent, ncurses],
  seconds: 40,
  // Its makefile writes below the source.
  inSource: true,
  configure: ["--disable-dependency-tracking --disable-utf8proc"],
  // Upstream's tests (regress/) are not in the release. A server without a terminal runs shells in its panes; a second one shows the first
  // in a pane of its own, which is what a terminal sees.
  check: () => `export TERM=screen HOME="$PWD" TMUX_TMPDIR="$PWD" PS1='> ' ENV=
inner() { $EMULATOR ./tmux -u -L inner -f /dev/null "$@"; }
outer() { $EMULATOR ./tmux -u -L outer -f /dev/null "$@"; }
trap 'inner kill-server || :; outer kill-server || :' EXIT
is() { [ "$1" = "$2" ] || { echo "not $2, but: $1"; exit 1; }; }
shown() {
  for second in $(seq 60); do "$1" capture-pane -p -t "$2" | grep -e "$3" && return; sleep 1; done
  "$1" capture-pane -p -t "$2"; echo "not shown: $3"; exit 1
}
inner new-session -d -s one -n main -x 80 -y 24 sh && inner set-option -g default-command sh && shown inner one:0.0 '^>'
inner send-keys -t one:0.0 'printf "%s-%s\\n" shown here' Enter && shown inner one:0.0 '^shown-here$'
inner split-window -h -t one && inner split-window -v -t one && inner resize-pane -t one:0.2 -y 5
is "$(inner list-panes -t one -F '#{pane_index}:#{pane_width}x#{pane_height}' | tr '\\n' ' ')" '0:40x24 1:39x18 2:39x5 '
inner select-layout -t one even-vertical
is "$(inner list-panes -t one -F '#{pane_width}x#{pane_height}' | tr '\\n' ' ')" '80x7 80x7 80x8 '
is "$(inner display-message -p -t one '#{?#{==:#{session_name},one},yes,no} #{=3:session_windows} #{s/n/N/:session_name}')" 'yes 1 oNe'
inner set-option -g @mine 'some value' && is "$(inner show-options -gv @mine)" 'some value'
printf 'new-window -n two -t one "cat"\\nif-shell -F 1 "set-option -g @branch taken"\\n' >commands && inner source-file commands
is "$(inner list-windows -t one -F '#{window_name}') $(inner show-options -gv @branch)" "$(printf 'main\\ntwo taken')"
inner set-buffer -b words 'pasted \\342\\202\\254 words' && inner paste-buffer -p -b words -t one:two && shown inner one:two '^pasted .* words'
inner save-buffer -b words saved && is "$(cat saved)" "$(inner show-buffer -b words)"
inner pipe-pane -t one:two 'cat >piped' && inner send-keys -t one:two Enter 'typed' Enter && shown inner one:two '^typed'
inner send-keys -t one:0.0 'printf "\\033[1;31mred\\033[0m \\033[7mturned\\033[0m\\n"' Enter && shown inner one:0.0 '^red turned'
inner capture-pane -e -p -t one:0.0 | tr '\\033' E | grep -e '^E\\[1mE\\[31mredE\\[0m.*E\\[7mturned'
inner copy-mode -t one:0.0 && inner send-keys -t one:0.0 -X search-backward 'red turned' && inner send-keys -t one:0.0 -X select-line
inner send-keys -t one:0.0 -X copy-selection-and-cancel && inner show-buffer | grep 'red turned'
inner wait-for -S done && inner wait-for done && is "$(inner run-shell 'echo ran $((6 * 7))')" 'ran 42'
printf 'list-sessions\\nrename-session -t one three\\n' | inner -C attach -t one | tr -d '\\r' >control
grep -e '^one: 2 windows' control && grep -e '^%session-renamed .* three' control && grep -e '^%exit' control
outer new-session -d -s outer -x 100 -y 30 'TMUX= $EMULATOR ./tmux -u -L inner attach -t three'
shown outer outer '^\\[three.*0:main.*1:two' && is "$(inner list-clients -F '#{client_width}x#{client_height}')" 100x30
outer send-keys -t outer C-b c && shown outer outer '2:' && outer send-keys -t outer C-b d && for second in $(seq 60); do
  outer has-session -t outer || break; sleep 1; done
is "$(inner list-windows -t three | wc -l)" 3 && is "$(inner list-clients)" '' && grep typed piped
inner kill-session -t three && if inner has-session -t three; then false; fi`,
})
