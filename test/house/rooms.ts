/** The rooms of src/, in order: a room imports only rooms above it (src/README.md has the table with their purposes). */
// biome-ignore format: the ordered list
export const rooms = [
  'base', 'host',
  'protocol', 'records', 'config', 'metrics', 'security',
  'log', 'net', 'ledger', 'client',
  'raft', 'metadata', 'controller', 'replica', 'coordinator',
  'broker',
  'ops', 'bench', 'streams', 'registry', 'connect', 'mirror', 'top', 'dashboards', 'compat', 'cli',
]

/** Wings know a cluster only through its public protocol: that makes every tool work against Apache Kafka too. */
export const wings = ['ops', 'bench', 'streams', 'registry', 'connect', 'mirror', 'top', 'dashboards', 'compat', 'cli']
const behindTheWall = ['log', 'raft', 'metadata', 'controller', 'replica', 'coordinator', 'broker']
const offlineTools = ['log', 'raft', 'metadata']

/** Built-in modules that are pure functions, or types only. */
const pureModules = [
  'node:assert',
  'node:assert/strict',
  'node:buffer',
  'node:crypto',
  'node:events',
  'node:path',
  'node:string_decoder',
  'node:url',
  'node:util',
  'node:zlib',
]

/** What the people's room may also touch: the terminal and the machine's own description. */
const terminalModules = ['node:os', 'node:process', 'node:readline', 'node:readline/promises', 'node:tty']

const randomnessOfCrypto =
  /^(randomBytes|randomFill|randomFillSync|randomInt|randomUUID|webcrypto|getRandomValues|generateKey|generateKeyPair|generateKeyPairSync|default|\*)$/

const worldlyNames = [
  /\bset(?:Timeout|Interval|Immediate)\s*\(/,
  /\bDate\.now\b/,
  /\bnew Date\(\s*\)/,
  /\bperformance\.(?:now|timeOrigin)\b/,
  /\bprocess\.hrtime\b/,
  /\bMath\.random\b/,
  /\bcrypto\.(?:random\w+|getRandomValues)\b/,
]

export interface Import {
  readonly from: string
  /** Imported names; `*` for a namespace, a default, a dynamic import or a side effect. */
  readonly names: readonly string[]
  readonly typeOnly: boolean
}

const importPattern = /(?:^|[;\n])\s*(?:import|export)\s+(type\s+)?([\w*{][^'";]*?\s+from\s+)?'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/g

export function importsOf(source: string): Import[] {
  return [...source.matchAll(importPattern)].map(([, type, clause, from, dynamic]) => {
    const inBraces = clause?.match(/\{([^}]*)\}/)?.[1]
    const names = inBraces?.split(',').flatMap(
      (name) =>
        name
          .trim()
          .replace(/^type\s+\S+.*$/, '')
          .split(/\s+as\s+/)[0] || [],
    ) ?? ['*']
    return { from: (from ?? dynamic)!, names, typeOnly: type !== undefined }
  })
}

/** The source with comments and texts blanked, so that only code is searched. */
export function codeOf(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g, (text) => text.replace(/[^\n]/g, ' '))
}

/** The room of a path below the project root (`src/log/segment.ts` → `log`), or undefined outside src/. */
export const roomOf = (path: string): string | undefined => path.match(/^src\/([^/]+)\//)?.[1]

/** What is wrong with `importing` one file of the project from another, as a sentence that says what to do, or undefined. */
export function importFault(from: string, to: string): string | undefined {
  const here = roomOf(from)
  const there = roomOf(to)
  if (there === undefined) return here === undefined ? undefined : `src/ must not import ${to}: move what it needs into a room`
  if (here === there) return undefined
  if (there === 'sim') return from.startsWith('test/') ? undefined : 'sim is the other world: only tests import it'
  if (!rooms.includes(there)) return `${there} is not a room: add it to the ordered list in src/README.md and test/house/rooms.ts`
  if (here !== undefined && here !== 'sim') {
    if (!rooms.includes(here)) return `${here} is not a room: add it to the ordered list in src/README.md and test/house/rooms.ts`
    if (rooms.indexOf(there) > rooms.indexOf(here))
      return `${here} must not know ${there}, which is below it: pass in a function or an interface instead`
    if (wings.includes(here) && behindTheWall.includes(there) && !(['compat', 'cli'].includes(here) && offlineTools.includes(there))) {
      return `${here} is a wing and must not know ${there}: ask the cluster through client`
    }
  }
  const front =
    to === `src/${there}/index.ts` ||
    /^src\/(host\/node|client\/admin|cli\/bench|coordinator\/\w+)\/index\.ts$/.test(to) ||
    /^src\/protocol\/messages\/[^/]+\.ts$/.test(to)
  if (!front && !from.startsWith('test/') && !from.startsWith('bench/')) return `use the front door: export it from src/${there}/index.ts`
  return undefined
}

/** What is wrong with importing a built-in module, or undefined. Only host/node touches the world; programs may. */
export function builtInFault(file: string, { from, names, typeOnly }: Import): string | undefined {
  if (roomOf(file) === undefined || file.startsWith('src/host/node/') || typeOnly) return undefined
  if (from === 'node:crypto') {
    const random = names.find((name) => randomnessOfCrypto.test(name))
    return random && `import hashes by name; randomness (${random}) comes from host.random`
  }
  if (pureModules.includes(from) || (roomOf(file) === 'cli' && terminalModules.includes(from))) return undefined
  return `${from} reaches the world outside host: take it through an interface of src/host`
}

/** Uses of clocks, timers and randomness in a file that must take them from host, with their line. */
export function worldlyUses(file: string, source: string): string[] {
  if (roomOf(file) === undefined || file.startsWith('src/host/node/')) return []
  // The simulated world lets the real event loop drain between two of its own moments.
  const allowed = file === 'src/sim/world.ts' ? /^setImmediate/ : /^$/
  return codeOf(source)
    .split('\n')
    .flatMap((line, index) => worldlyNames.flatMap((name) => line.match(name)?.[0].trim() ?? []).map((use) => ({ use, line: index + 1 })))
    .filter(({ use }) => !allowed.test(use))
    .map(({ use, line }) => `${file}:${line}: ${use} — take it from host.clock or host.random`)
}
