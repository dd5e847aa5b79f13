import { usageFault } from '../fault.ts'

/** The record format language of rpk and kcl: `%k %v\n`, parsed. Printing and reading share it. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly bytes: Buffer }
  | { readonly kind: 'field'; readonly letter: string; readonly modifier: string | undefined }
  | { readonly kind: 'headers'; readonly parts: readonly TemplatePart[] }

/** What each letter means, for help and errors. */
export const templateLetters: Readonly<Record<string, string>> = {
  t: 'topic',
  T: 'length of the topic',
  k: 'key',
  K: 'length of the key',
  v: 'value',
  V: 'length of the value',
  h: 'headers, each by the format in braces: %h{%k=%v }',
  H: 'number of headers',
  p: 'partition',
  o: 'offset',
  d: 'timestamp in ms; %d{strftime[%F %T]}',
  e: 'leader epoch',
  i: 'number of the record in this run',
}

const escapes: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, '0': 0, '\\': 92, a: 7, b: 8, f: 12, v: 11, e: 27 }

/** Backslash escapes as bytes: \n \t \r \\ \0 \xHH. @throws Fault (usage) */
export function unescapeBytes(text: string, what: string): Buffer {
  const out: Buffer[] = []
  for (let at = 0; at < text.length; ) {
    const next = text.indexOf('\\', at)
    if (next < 0) {
      out.push(Buffer.from(text.slice(at)))
      break
    }
    if (next > at) out.push(Buffer.from(text.slice(at, next)))
    const letter = text[next + 1]
    const hex = /^[0-9a-fA-F]{2}/.exec(text.slice(next + 2))
    if (letter === 'x' && hex !== null) {
      out.push(Buffer.from([Number.parseInt(hex[0], 16)]))
      at = next + 4
    } else if (letter !== undefined && Object.hasOwn(escapes, letter)) {
      out.push(Buffer.from([escapes[letter]!]))
      at = next + 2
    } else throw usageFault(`${what}: \\${letter ?? ''} means nothing`, 'Known are \\n \\t \\r \\0 \\\\ \\xHH.')
  }
  return Buffer.concat(out)
}

/** @throws Fault (usage) naming what is wrong and where */
export function parseTemplate(text: string): TemplatePart[] {
  const parts: TemplatePart[] = []
  let literal = ''
  const flush = (): void => {
    if (literal !== '') parts.push({ kind: 'text', bytes: unescapeBytes(literal, 'format') })
    literal = ''
  }
  for (let at = 0; at < text.length; ) {
    const char = text[at]!
    if (char === '\\' && at + 1 < text.length) {
      literal += text.slice(at, at + 2)
      at += 2
      continue
    }
    if (char !== '%') {
      literal += char
      at++
      continue
    }
    const letter = text[at + 1]
    if (letter === undefined) throw usageFault('the format ends in a single %', 'Write %% for a percent sign.')
    at += 2
    if (letter === '%' || letter === '{' || letter === '}') {
      literal += letter
      continue
    }
    if (!Object.hasOwn(templateLetters, letter)) {
      throw usageFault(
        `format: %${letter} means nothing`,
        `Known are ${Object.keys(templateLetters)
          .map((each) => `%${each}`)
          .join(' ')}.`,
      )
    }
    flush()
    let modifier: string | undefined
    if (text[at] === '{') {
      const end = closingBrace(text, at)
      modifier = text.slice(at + 1, end)
      at = end + 1
    }
    if (letter !== 'h') parts.push({ kind: 'field', letter, modifier })
    else if (modifier === undefined) throw usageFault('format: %h needs a format for each header', 'Write %h{%k=%v }.')
    else parts.push({ kind: 'headers', parts: parseTemplate(modifier) })
  }
  flush()
  return parts
}

function closingBrace(text: string, open: number): number {
  let depth = 0
  for (let at = open; at < text.length; at++) {
    if (text[at] === '%' && (text[at + 1] === '{' || text[at + 1] === '}')) at++
    else if (text[at] === '{') depth++
    else if (text[at] === '}' && --depth === 0) return at
  }
  throw usageFault(`format: the brace at ${open} is not closed`)
}

/** kcat's letters in rpk's language. */
export function fromKcatFormat(text: string): string {
  const letters: Readonly<Record<string, string>> = {
    s: '%v',
    S: '%V',
    T: '%d',
    h: '%h{%k=%v,}',
    k: '%k',
    K: '%K',
    t: '%t',
    p: '%p',
    o: '%o',
    '%': '%%',
  }
  return text.replace(/%(.)/gs, (whole, letter: string) => letters[letter] ?? whole)
}
