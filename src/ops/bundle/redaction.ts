const HIDDEN = '(hidden)'

const SECRET =
  '(?:password|passphrase|secret|credentials?|jaas[._]config|token|user\\.info|(?:access|account|secret|private|api|keystore)[._-]?key)'
/** It says of what kind a secret is, where it lies, and the like, and is none. */
const HARMLESS = '(?:[._-](?:file|path|location|type|ms|url|class|algorithm|iterations|client\\.id))'
/** A name whose value is a secret: `s3.secret.access.key`, `AccountKey`, and `user_alice`, as logins of SASL/PLAIN have passwords. */
const KEY = `(?:(?=[\\w.-]*${SECRET})[\\w.-]+(?<!${HARMLESS})|user_[\\w.@-]+)`
const secretKey = new RegExp(`^${KEY}$`, 'i')
/** A line of properties: all of it. */
const secretLine = new RegExp(`^([ \\t#!]*${KEY}[ \\t]*[=:][ \\t]*)\\S.*$`, 'gim')
/** In quotes, also in such as stand in a text of JSON; where they do not end, to the end of the line. */
const VALUE = String.raw`(?:\\"(?:[^"\\]|\\[^"])*\\"|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\\?["'].*|[^\s;,"'&]+)`
const secretPair = new RegExp(`((?<![\\w.-])${KEY}(?:\\\\?["'])?\\s*[=:]\\s*)${VALUE}`, 'gi')
/** The line goes on with the next one. */
const fold = /(?<!\\)((?:\\\\)*)\\\r?\n[ \t]*/g
const login = /(\w:\/\/)[^\s/@:]+(?::[^\s/@]*)?@/g
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g

export const isSecretName = (key: string): boolean => secretKey.test(key)

/** Text of files and logs without what looks like a secret: rather too little than too much is left. */
export const withoutSecrets = (text: string): string =>
  text
    .replace(fold, '$1')
    .replace(privateKey, HIDDEN)
    .replace(login, `$1${HIDDEN}@`)
    .replace(secretLine, `$1${HIDDEN}`)
    .replace(secretPair, `$1${HIDDEN}`)

/** Settings by name, secrets hidden. */
export const shownSettings = (settings: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [key, isSecretName(key) && value !== '' ? HIDDEN : withoutSecrets(value)]),
  )

/** Values of JSON: of fields whose names say so, and of pairs of name and value as descriptions of settings have them. */
export function hiddenSecrets(value: unknown): unknown {
  if (typeof value === 'string') return withoutSecrets(value)
  if (Array.isArray(value)) return value.map(hiddenSecrets)
  if (typeof value !== 'object' || value === null) return value
  const { name } = value as { name?: unknown }
  const isSecret = typeof name === 'string' && isSecretName(name) && 'value' in value
  const fields = Object.entries(value).map(([key, each]) => {
    const isHidden = (isSecret && key === 'value') || (typeof each === 'string' && isSecretName(key))
    return [key, isHidden && each !== null && each !== '' ? HIDDEN : hiddenSecrets(each)]
  })
  return Object.fromEntries(fields)
}

const afterName = /-\d+(?!\w)|\.(?!\w)/y

export type NameKind = 'topic' | 'group' | 'host' | 'client' | 'user' | 'transaction' | 'directory'

/** Replaces names by others that say nothing, each always by the same. */
export class Pseudonyms {
  readonly #tokens = new Map<string, string>()
  readonly #counts = new Map<NameKind, number>()
  #pattern: RegExp | undefined

  /** The first who names something says of what kind it is. */
  add(kind: NameKind, names: Iterable<string>): void {
    for (const name of new Set(names)) {
      if (name === '' || name === '*' || this.#tokens.has(name)) continue
      const count = (this.#counts.get(kind) ?? 0) + 1
      this.#counts.set(kind, count)
      this.#tokens.set(name, `${kind}-${count}`)
      this.#pattern = undefined
    }
  }

  /** By the name that it had. */
  get names(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#tokens].map(([name, token]) => [token, name]))
  }

  /** Whole names, also with a partition behind them; addresses of which nobody told are hidden as well. */
  hide(text: string): string {
    this.#pattern ??= this.#patternOfWords()
    const named = text.replace(this.#pattern, (word, odd: string | undefined) =>
      odd === undefined ? this.#withoutName(word) : this.#tokens.get(odd)!,
    )
    return named.replace(/(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])/g, (address) => {
      if (/^(127\.|0\.0\.0\.0)/.test(address)) return address
      this.add('host', [address])
      return this.#tokens.get(address)!
    })
  }

  /** What may be a name: a word, which is looked up however many names there are, or one of the few names with other signs in them. */
  #patternOfWords(): RegExp {
    const odd = [...this.#tokens.keys()]
      .filter((name) => !/^[\w.-]+$/.test(name))
      .sort((a, b) => b.length - a.length)
      .map((name) => name.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'))
    const end = '(?=-\\d+(?![\\w])|(?![\\w-]|\\.\\w))'
    return new RegExp(`(?<![\\w.-])(?:(${odd.length === 0 ? '(?!)' : odd.join('|')})${end}|[\\w.-]+)`, 'g')
  }

  /** The longest name that a word is, or begins with when a partition or the end of a sentence follows. */
  #withoutName(word: string): string {
    for (let end = word.length; end > 0; end--) {
      afterName.lastIndex = end
      if (end < word.length && !afterName.test(word)) continue
      const token = this.#tokens.get(word.slice(0, end))
      if (token !== undefined) return token + word.slice(end)
    }
    return word
  }

  /** Names of fields stay. */
  hideIn(value: unknown): unknown {
    if (typeof value === 'string') return this.hide(value)
    if (Array.isArray(value)) return value.map((each) => this.hideIn(each))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.hideIn(each)]))
  }
}
