// `completion`: the script that lets a shell complete the words of a command line, by asking `complete`. It asks only a command
// that is called hashmake or stands beside a Buildfile: pressing Tab must not start any program that happens to be called build.

import { commandName } from "../lib/base/command-name.ts"
import * as errors from "../lib/graph/errors.ts"
import type { Asked } from "./make.ts"

const bash = `# hashmake's completion for bash. In ~/.bashrc: source <(${commandName} completion bash)
_hashmake() {
  local rest=\${COMP_LINE:0:COMP_POINT} words=() word blanks i
  # Readline parts words at = and : too: what no blank parts is put together again.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    blanks=\${rest%%[![:space:]]*}
    rest=\${rest#"$blanks"}
    word=\${COMP_WORDS[i]}
    if ((i == COMP_CWORD)); then word=$rest; fi
    if ((i == 0)) || [[ -n $blanks ]]; then words+=("$word"); else words[\${#words[@]}-1]+=$word; fi
    rest=\${rest#"$word"}
  done
  local command=\${words[0]/#\\~\\//"$HOME"/} current=\${words[\${#words[@]}-1]}
  case $command in
    */*) if [[ ! -e \${command%/*}/Buildfile.ts ]]; then compopt -o default; return; fi ;;
    hashmake) ;;
    *) compopt -o default; return ;;
  esac
  # Readline replaces what follows the last sign that parts words.
  local sign typed= about
  for sign in = : @; do
    if [[ $COMP_WORDBREAKS == *$sign* && \${current%"$sign"*}$sign == "$typed"* && $current == *$sign* ]]; then
      typed=\${current%"$sign"*}$sign
    fi
  done
  COMPREPLY=()
  while IFS=$'\\t' read -r word about; do COMPREPLY+=("\${word#"$typed"}"); done < <("$command" complete "\${words[@]:1}" 2>/dev/null)
  if [[ \${COMPREPLY[*]} == :files ]]; then COMPREPLY=(); compopt -o default; fi
  if [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == *[=/] ]]; then compopt -o nospace; fi
}
complete -F _hashmake hashmake build
`

const zsh = `#compdef hashmake build
# hashmake's completion for zsh. In ~/.zshrc, after compinit: source <(${commandName} completion zsh)
_hashmake() {
  local command=\${(Q)~words[1]} line word about
  case $command in
    */*) if [[ ! -e \${command:h}/Buildfile.ts ]]; then _default; return; fi ;;
    hashmake) ;;
    *) _default; return ;;
  esac
  local -a lines whole wholeShown parts partsShown
  lines=("\${(@f)$($command complete "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  if [[ $lines[1] == :files ]]; then
    compset -P '*='
    _files
    return
  fi
  for line in $lines; do
    word=\${line%%$'\\t'*} about=\${line#*$'\\t'}
    if [[ $word == *[=/] ]]; then
      parts+=("$word") partsShown+=("$word\${about:+  -- $about}")
    else
      whole+=("$word") wholeShown+=("$word\${about:+  -- $about}")
    fi
  done
  compadd -l -d wholeShown -a whole
  compadd -l -S '' -d partsShown -a parts
}
# As a file named _hashmake in $fpath it is its own function, loaded when first needed.
if [[ $funcstack[1] == _hashmake ]]; then _hashmake "$@"; else compdef _hashmake hashmake build; fi
`

const fish = `# hashmake's completion for fish: ${commandName} completion fish >~/.config/fish/completions/build.fish
function __hashmake_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l command (string replace -r '^~/' "$HOME/" -- $words[1])
    if string match -q '*/*' -- $command
        test -e (dirname -- $command)/Buildfile.ts; or return
    else if test "$command" != hashmake
        return
    end
    set -l lines ($command complete $words[2..-1] "$current" 2>/dev/null)
    if test "$lines" = :files
        set -l typed (string match -r '^--[^=]*=' -- $current)
        printf '%s\\n' "$typed"(__fish_complete_path (string replace -r '^--[^=]*=' '' -- $current))
    else
        printf '%s\\n' $lines
    end
end
complete -c hashmake -f -a '(__hashmake_complete)'
complete -c build -f -a '(__hashmake_complete)'
`

const scripts = { bash, zsh, fish } as const

/** The shells that can complete. */
export const shells = Object.keys(scripts) as readonly (keyof typeof scripts)[]

/** Prints the script of a shell. Throws a BuildError for one that is not known. */
export async function completion({ print }: Pick<Asked, "print">, [typed = ""]: readonly string[]): Promise<number> {
  const shell = shells.find((name) => name === typed)
  if (shell === undefined) throw errors.unknownShellError(typed, shells)
  print(scripts[shell].trimEnd())
  return 0
}
