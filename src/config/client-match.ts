/** What the `match` of a subscription to client metrics may select by (KIP-714). */
const selectors = [
  'client_instance_id',
  'client_id',
  'client_software_name',
  'client_software_version',
  'client_source_address',
  'client_source_port',
] as const
export type ClientSelector = (typeof selectors)[number]

const isSelector = (name: string): name is ClientSelector => (selectors as readonly string[]).includes(name)

/** The patterns of `selector=pattern` entries, each for a whole text; or the first entry that is none. */
export function clientPatterns(entries: readonly string[]): Map<ClientSelector, RegExp> | { readonly illegal: string } {
  const patterns = new Map<ClientSelector, RegExp>()
  for (const entry of entries) {
    const [name = '', text = '', ...more] = entry.split('=')
    const pattern = javaPattern(text.trim())
    if (!isSelector(name.trim()) || text === '' || more.some((part) => part !== '') || pattern === undefined) return { illegal: entry }
    patterns.set(name.trim() as ClientSelector, pattern)
  }
  return patterns
}

/** Patterns are written for Java. The two languages agree but for flags at the front, which are taken over, and rare constructs, which are refused. */
function javaPattern(text: string): RegExp | undefined {
  const [, flags = '', rest = text] = /^\(\?([ims]+)\)(.*)$/s.exec(text) ?? []
  try {
    return new RegExp(`^(?:${rest})$`, flags)
  } catch {
    return undefined
  }
}
