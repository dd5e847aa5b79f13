import { nearest } from '../../base/index.ts'
import { electCommand, resetCommand, throttleCommand } from './action.ts'
import { type PanelId, panelIds } from './panels/index.ts'

/** What a line behind `:` means. */
export type ColonCommand =
  | { readonly kind: 'panel'; readonly panel: PanelId; readonly filter: string | undefined }
  | { readonly kind: 'run'; readonly words: readonly string[] }
  | { readonly kind: 'interval'; readonly everyMs: number }
  | { readonly kind: 'quit' | 'help' | 'save' }
  | { readonly kind: 'wrong'; readonly message: string }

const otherNames: Readonly<Record<string, PanelId>> = {
  ...{ g: 'groups', group: 'groups', lag: 'groups', t: 'topics', topic: 'topics', b: 'brokers', broker: 'brokers' },
  ...{ controllers: 'quorum', m: 'moves', reassignments: 'moves', x: 'txns', transactions: 'txns', ev: 'events' },
}

const words = [...panelIds, 'reset', 'elect', 'throttle', 'interval', 'save', 'help', 'quit']
const INTERVAL_MS_MIN = 500

/** The commands, for the help page. */
export const colonHelp: readonly (readonly [string, string])[] = [
  [':groups [RE]', 'a panel, filtered; also topics, brokers, quorum, moves, txns, events'],
  [':reset GROUP PLACE', 'move a group: start, end, N, +N, -N, @TIME, @-1h'],
  [':elect [TOPIC …]', 'let preferred replicas lead again'],
  [':throttle RATE|off', 'bound what is being moved'],
  [':interval 5s', 'how often to look'],
  [':save', 'write the screen to a file'],
  [':q', 'quit'],
]

export function readColonCommand(text: string): ColonCommand {
  const [word = '', ...rest] = text.trim().split(/\s+/)
  const name = word.toLowerCase()
  const panel = panelIds.find((id) => id === name) ?? otherNames[name]
  if (panel !== undefined) return { kind: 'panel', panel, filter: rest.length === 0 ? undefined : rest.join(' ') }
  switch (name) {
    case 'q':
    case 'quit':
    case 'exit':
      return { kind: 'quit' }
    case 'help':
    case '?':
      return { kind: 'help' }
    case 'save':
      return { kind: 'save' }
    case 'reset':
      if (rest.length !== 2) return { kind: 'wrong', message: ':reset GROUP PLACE, e.g. :reset billing start' }
      return { kind: 'run', words: resetCommand(rest[0]!, rest[1]!, []) }
    case 'elect':
      return { kind: 'run', words: electCommand(rest) }
    case 'throttle':
      if (rest.length !== 1) return { kind: 'wrong', message: ':throttle RATE, e.g. :throttle 50MB/s, or :throttle off' }
      return { kind: 'run', words: throttleCommand(rest[0]!) }
    case 'interval': {
      const [, count, unit] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(rest[0] ?? '') ?? []
      const everyMs = Number(count) * (unit === 'ms' ? 1 : unit === 'm' ? 60_000 : 1000)
      return everyMs >= INTERVAL_MS_MIN ? { kind: 'interval', everyMs } : { kind: 'wrong', message: ':interval TIME, 500ms or more' }
    }
    default: {
      const close = nearest(name, words)
      return { kind: 'wrong', message: `there is no :${word}${close === undefined ? '; see ?' : `; did you mean :${close}?`}` }
    }
  }
}
