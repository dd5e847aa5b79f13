/** Text in the language of manual pages: groff's man macros, as mandoc reads them too. */

/** A text within a line. What roff would take for something else is written so that it does not. */
export const escaped = (text: string): string =>
  text
    .replace(/\\/g, '\\e')
    .replace(/-/g, '\\-')
    .replace(/'/g, '\\(aq')
    .replace(/`/g, '\\(ga')
    .replace(/\^/g, '\\(ha')
    .replace(/~/g, '\\(ti')
    .replace(/\u2026/g, '...')
    .replace(/\u2019/g, '\\(cq')
    .replace(/\u2192/g, '\\(->')
    .replace(/\u2212/g, '\\-')
    .replace(/[\u0080-\uffff]/g, (letter) => `\\[u${letter.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}]`)

/** Longer words may be parted behind their signs, where no hyphen is needed. */
const LONG_WORD = 30
const breakable = (text: string): string =>
  text.replace(/\S+/g, (word) => (word.length <= LONG_WORD ? word : word.replace(/[,./:;|](?=\w)/g, '$&\0')))

/** A line of text: one that begins like a request gets an empty character in front. */
export const line = (text: string): string => {
  const written = escaped(breakable(text)).replace(/\0/g, '\\:')
  return `${/^(\.|\\\(aq)/.test(written) ? '\\&' : ''}${written}\n`
}

export const bold = (text: string): string => `\\fB${escaped(text)}\\fR`
export const italic = (text: string): string => `\\fI${escaped(text)}\\fR`

const quoted = (text: string): string => `"${text.replace(/"/g, '""')}"`

export const title = (name: string, section: number, source: string): string =>
  `.\\" Made by tkafka man --to; changes are lost.\n.TH ${quoted(escaped(name.toUpperCase()))} ${section} "" ${quoted(escaped(source))} "tkafka manual"\n.nh\n.ad l\n`

export const section = (name: string, body: string): string => (body === '' ? '' : `.SH ${quoted(name.toUpperCase())}\n${body}`)
export const subsection = (name: string, body: string): string => (body === '' ? '' : `.SS ${quoted(escaped(name))}\n${body}`)

/** An entry of a list: `tag` is roff already. */
export const entry = (tag: string, text: string): string => `.TP\n${tag}\n${line(text)}`

export const paragraph = (text: string): string => `.PP\n${line(text)}`

/** Lines that stay as they are. */
export const literal = (text: string): string =>
  `.PP\n.RS 4\n.nf\n${text
    .split('\n')
    .map((each) => line(each).replace(/^\n$/, '\\&\n'))
    .join('')}.fi\n.RE\n`
