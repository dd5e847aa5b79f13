/** Where Java's rules for lines of text let a line end, for ASCII: after spaces, after most punctuation, before opening brackets. */
export function breakableParts(text: string): string[] {
  const parts: string[] = []
  let start = 0
  for (let at = 1; at < text.length; at++) {
    if (mayBreakBefore(text, at)) {
      parts.push(text.slice(start, at))
      start = at
    }
  }
  if (start < text.length) parts.push(text.slice(start))
  return parts
}

const closing = ' !"%),.:;?]}'
const opening = "$'([{"
const neverBefore = ' !"$%\'),.:;?]}'

function mayBreakBefore(text: string, at: number): boolean {
  const before = text[at - 1]
  const after = text[at]
  if (before === '\n') return true
  if (after === ' ' || after === '\n') return false
  if (before === ' ') return true
  if (opening.includes(before)) return false
  if (before === '-') {
    // A sign stays with its number, brackets between them or not.
    if (isSign(text, at - 1)) return false
    return !neverBefore.includes(after) && after !== '-'
  }
  // A quote where a word begins belongs to it.
  if (before === '"' && (at === 1 || ' ([{'.includes(text[at - 2]!))) return false
  if (closing.includes(before)) {
    const isWithinNumber = (before === '.' || before === ',') && /\d/.test(after) && /\d/.test(text[at - 2] ?? '')
    return !neverBefore.includes(after) && !isWithinNumber
  }
  const isAfterSigned = /\d/.test(before) && !/[\d-]/.test(after) && !neverBefore.includes(after) && isSigned(text, at)
  return '([{'.includes(after) || isAfterSigned
}

/** A dash where a word begins, with a number behind it. */
function isSign(text: string, at: number): boolean {
  let first = at
  while (first > 0 && text[first - 1] === '-') first--
  return (first === 0 || closing.includes(text[first - 1]!)) && /^-*['$([{]*\d/.test(text.slice(at))
}

/** A number with a sign ends in front of `at`. */
function isSigned(text: string, at: number): boolean {
  let start = at
  while (start > 0 && /\d/.test(text[start - 1]!)) start--
  return text[start - 1] === '-' && isSign(text, start - 1)
}
