/** Scripts of Kafka's that start and stop a server, and look into its metadata: they are no clients, and call commands of tkafka's own. */
import { quoted, written } from './shims.ts'

/** The scripts by their names; `command` are the words that start tkafka. */
export const serverShims = (command: readonly string[]): Readonly<Record<string, string>> => ({
  'kafka-metadata-shell': `${written}exec ${command.map(quoted).join(' ')} storage shell "$@"\n`,
  'kafka-server-start': `${written}${start(command)}`,
  'kafka-server-stop': `${written}${stop(command[0]!)}`,
})

/** `--override key=value` as `-X key=value`; with -daemon in the background, its output where Kafka's goes. */
const start = (command: readonly string[]): string => `usage() {
  echo "USAGE: $0 [-daemon] server.properties [--override property=value]*" >&2
  exit 1
}
daemon=
[ "$1" = -daemon ] && daemon=1 && shift
[ $# -ge 1 ] || usage
case $1 in
  --version) exec ${command.map(quoted).join(' ')} --version ;;
  -*) usage ;;
esac
for word in "$@"; do
  shift
  case $word in
    --override) set -- "$@" -X ;;
    --override=*) set -- "$@" -X "\${word#--override=}" ;;
    *) set -- "$@" "$word" ;;
  esac
done
set -- ${command.map(quoted).join(' ')} broker start "$@"
[ -n "$daemon" ] || exec "$@"
logs=\${LOG_DIR:-$(cd "$(dirname "$0")/.." && pwd)/logs}
mkdir -p "$logs" || exit 1
nohup "$@" >"$logs/kafkaServer.out" 2>&1 </dev/null &
`

/** All brokers of this machine, or those whose file says so, get SIGNAL: which of Kafka's means them too. */
const stop = (node: string): string => `role= id=
for word in "$@"; do
  case $word in
    --process-role=*) role=\${word#*=} ;;
    --node-id=*) id=\${word#*=} ;;
    *) echo "Illegal command line option: $word. Valid options are: --process-role=<role>, --node-id=<id>" >&2; exit 1 ;;
  esac
done
said() { sed -n "s/^[[:space:]]*$2[[:space:]]*[=:][[:space:]]*//p" "$1" 2>/dev/null | tr -d '\\r' | tail -n 1; }
found=
for pid in $(ps -A -o pid= -o args= | awk -v node=${quoted(node)} '$2 == node && / broker start/ { print $1 }'); do
  file=$(ps -o args= -p "$pid" | sed -n 's/.* broker start \\([^ ]*\\).*/\\1/p')
  case $file in
    '' | -*) file=/dev/null ;;
    /*) ;;
    *) file=$(readlink "/proc/$pid/cwd")/$file ;;
  esac
  if [ -n "$id" ]; then
    [ "$(said "$file" node.id)" = "$id" ] || continue
  elif [ -n "$role" ]; then
    [ "$(said "$file" process.roles | tr -d ' ')" = "$role" ] || continue
  fi
  found="$found $pid"
done
if [ -z "$found" ]; then
  echo 'No kafka server to stop'
  exit 1
fi
kill -s "\${SIGNAL:-TERM}" $found
`
