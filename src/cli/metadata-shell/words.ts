import { type Folder, follow, pathWords } from './node.ts'

/** A command line in words: blanks part them, quotes and a backslash hold them together. A quote left open ends with the line. */
export function wordsOf(line: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let at = 0; at < line.length; at++) {
    const sign = line[at]!
    if (sign === '\\' && quote !== "'") word = (word ?? '') + (line[++at] ?? '')
    else if (sign === quote) quote = ''
    else if (quote === '' && (sign === '"' || sign === "'")) {
      quote = sign
      word ??= ''
    } else if (quote === '' && /\s/.test(sign)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + sign
  }
  return word === undefined ? words : [...words, word]
}

const isPattern = (word: string): boolean => /[*?[{]/.test(word)

/** `*`, `?`, `[a-c]` and `{a,b}` as in a shell; a name that begins with a dot is like any other. */
function patternOf(word: string): RegExp {
  let depth = 0
  const source = word.replace(/\[[^\]]*\]|[\s\S]/g, (part) => {
    if (part.length > 1) return part.replace(/^\[!/, '[^')
    if (part === '*') return '.*'
    if (part === '?') return '.'
    if (part === '{') {
      depth++
      return '(?:'
    }
    if (part === '}' && depth > 0) {
      depth--
      return ')'
    }
    if (part === ',' && depth > 0) return '|'
    return part.replace(/[.+^$()|\\\]}]/, '\\$&')
  })
  try {
    return new RegExp(`^${source}${')'.repeat(depth)}$`)
  } catch {
    return new RegExp(`^${word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`)
  }
}

/** The absolute paths that a path means, patterns filled in; a path without any is itself. */
export function expandPath(root: Folder, path: string, directory: string): string[] {
  const words = pathWords(path, directory)
  let found: { readonly path: string; readonly node: Folder | undefined }[] = [{ path: '', node: root }]
  for (const word of words) {
    found = found.flatMap(({ path: above, node }) => {
      const names = !isPattern(word) ? [word] : (node?.names().filter((name) => patternOf(word).test(name)) ?? [])
      return names.map((name) => {
        const child = follow(root, node?.child(name))
        return { path: `${above}/${name}`, node: child?.kind === 'folder' ? child : undefined }
      })
    })
  }
  return found.map((each) => (each.path === '' ? '/' : each.path))
}
