/** What the metadata is shown as: folders and files. A link leads to another place, and is not walked through. */
export type ShellNode = Folder | Leaf | Link

export interface Folder {
  readonly kind: 'folder'
  readonly names: () => string[]
  readonly child: (name: string) => ShellNode | undefined
}

export interface Leaf {
  readonly kind: 'file'
  /** As JSON. */
  readonly content: unknown
}

export interface Link {
  readonly kind: 'link'
  readonly target: string
}

export const leaf = (content: unknown): Leaf => ({ kind: 'file', content: plain(content) })

/** A folder whose entries are made when they are asked for. */
export const folder = (names: () => Iterable<string>, child: Folder['child']): Folder => ({
  kind: 'folder',
  names: () => [...names()].sort(byName),
  child,
})

export const fixedFolder = (entries: Readonly<Record<string, ShellNode>>): Folder =>
  folder(
    () => Object.keys(entries),
    (name) => (Object.hasOwn(entries, name) ? entries[name] : undefined),
  )

/** Ids by their value, everything else by its text. */
function byName(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)]
  if (Number.isInteger(x) && Number.isInteger(y)) return x - y
  return a < b ? -1 : a > b ? 1 : 0
}

/** Maps as objects, bytes in hex. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, each]) => [String(key), plain(each)]))
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]))
  return value
}

/** The words of an absolute path, `.` and `..` resolved. */
export function pathWords(path: string, directory: string): string[] {
  const words: string[] = []
  for (const word of `${path.startsWith('/') ? '' : directory}/${path}`.split('/')) {
    if (word === '..') words.pop()
    else if (word !== '' && word !== '.') words.push(word)
  }
  return words
}

/** The node at a path, links on the way and at its end followed; undefined: there is none. */
export function nodeAt(root: Folder, words: readonly string[]): Folder | Leaf | undefined {
  let node: ShellNode | undefined = root
  for (const word of words) {
    node = node?.kind === 'folder' ? follow(root, node.child(word)) : undefined
    if (node === undefined) return undefined
  }
  return node as Folder | Leaf
}

/** Links lead to places without links. */
export const follow = (root: Folder, node: ShellNode | undefined): Folder | Leaf | undefined =>
  node?.kind === 'link' ? nodeAt(root, pathWords(node.target, '/')) : node
