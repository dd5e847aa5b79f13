import { invalidSecurity } from './security-error.ts'

export interface JaasModule {
  /** The Java class, e.g. org.apache.kafka.common.security.plain.PlainLoginModule. */
  readonly module: string
  readonly flag: 'required' | 'requisite' | 'sufficient' | 'optional'
  readonly options: ReadonlyMap<string, string>
}

const flags = ['required', 'requisite', 'sufficient', 'optional'] as const
const example =
  'Write sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="alice" password="…"; with the semicolon.'

/**
 * The syntax of sasl.jaas.config: `Module flag key="value" …;`, once or more. @throws SecurityError, which counts instead of quoting: with a
 * quote too few, any word may be part of a password
 */
export function parseJaas(text: string): JaasModule[] {
  const tokens = new Tokens(text)
  const modules: JaasModule[] = []
  const broken = (what: string) => invalidSecurity(`sasl.jaas.config: ${what}`, example)
  for (let token = tokens.next(); token !== undefined; token = tokens.next()) {
    const which = `login module ${modules.length + 1}`
    const module = token.word
    if (module === undefined) throw broken(`${which} has no name`)
    const given = tokens.next()?.word?.toLowerCase()
    const flag = flags.find((each) => each === given)
    if (flag === undefined) throw broken(`${which} is not followed by one of ${flags.join(', ')}`)
    const options = new Map<string, string>()
    let next = tokens.next()
    for (; next !== undefined && next.sign !== ';'; next = tokens.next()) {
      const option = `option ${options.size + 1} of ${which}`
      if (next.word === undefined) throw broken(`${option} has no name`)
      const value = tokens.next()?.sign === '=' ? tokens.next()?.word : undefined
      if (value === undefined) throw broken(`${option} has no value, or one that needs quotes`)
      options.set(next.word, value)
    }
    if (next === undefined) throw broken('the semicolon at the end is missing')
    modules.push({ module, flag, options })
  }
  if (modules.length === 0) throw broken('it names no login module')
  return modules
}

/** A word or quoted text; or any other single sign, a number among them, as Java's StreamTokenizer takes it. */
interface Token {
  readonly word?: string
  readonly sign?: string
}

const escapes: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

class Tokens {
  #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  next(): Token | undefined {
    this.#skip()
    const text = this.#text
    const first = text[this.#at]
    if (first === undefined) return undefined
    if (first === '"' || first === "'") return { word: this.#quoted(first) }
    const number = this.#take(/-?[\d.]+/y)
    if (number !== undefined) return { sign: number }
    const word = this.#take(/[A-Za-z_$\u00a0-\uffff][A-Za-z_$\u00a0-\uffff\d.-]*/y)
    if (word !== undefined) return { word }
    this.#at++
    return { sign: first }
  }

  /** Blanks and comments: from `//` or a lone slash to the end of the line, or as in C. */
  #skip(): void {
    for (;;) {
      this.#take(/[\0-\x20]+/y)
      if (this.#text[this.#at] !== '/') return
      this.#take(/\/\*[\s\S]*?(?:\*\/|$)|\/[^\r\n]*/y)
    }
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }

  /** It ends with the quote, or with the line. */
  #quoted(quote: string): string {
    let word = ''
    for (this.#at++; this.#at < this.#text.length; ) {
      const sign = this.#text[this.#at]!
      if (sign === '\n' || sign === '\r') break
      this.#at++
      if (sign === quote) break
      word += sign === '\\' && this.#at < this.#text.length ? this.#escaped() : sign
    }
    return word
  }

  #escaped(): string {
    const octal = this.#take(/[0-3][0-7]{0,2}|[4-7][0-7]?/y)
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8))
    const sign = this.#text[this.#at++]!
    return escapes[sign] ?? sign
  }
}
