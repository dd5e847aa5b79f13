import { nearest } from '../../base/index.ts'
import type { Folder, Leaf, ShellNode } from './node.ts'
import { follow, nodeAt, pathWords } from './node.ts'
import { expandPath, wordsOf } from './words.ts'

/** One place that a command tells of. */
export interface ShellEntry {
  readonly path: string
  readonly kind: ShellNode['kind']
  /** Of files, where the command reads them. */
  readonly content?: unknown
}

export interface Answer {
  readonly entries: readonly ShellEntry[]
  /** For people; ends with a line break, or is empty. */
  readonly text: string
  readonly errors: readonly string[]
}

interface CommandHelp {
  readonly usage: string
  readonly summary: string
}

const commands = {
  cat: { usage: 'cat FILE…', summary: 'show what files hold' },
  cd: { usage: 'cd [FOLDER]', summary: 'go to a folder; without one to /' },
  exit: { usage: 'exit', summary: 'leave; Ctrl-D does as well' },
  find: { usage: 'find [PATH…]', summary: 'list every path below' },
  help: { usage: 'help', summary: 'list the commands' },
  history: { usage: 'history [N]', summary: 'show the last command lines' },
  ls: { usage: 'ls [PATH…]', summary: 'list folders' },
  man: { usage: 'man COMMAND', summary: 'explain a command' },
  pwd: { usage: 'pwd', summary: 'show where this is' },
  tree: { usage: 'tree [PATH…]', summary: 'show everything below with what it holds' },
} satisfies Record<string, CommandHelp>
type CommandName = keyof typeof commands

const NOTHING: Answer = { entries: [], text: '', errors: [] }
const HISTORY_MAX = 1000
const manOf = (name: CommandName): string => `${commands[name].usage.padEnd(16)} ${commands[name].summary}\n`

/** A look into metadata in the manner of kafka-metadata-shell: where one is, and what a command line answers. Nothing is ever changed. */
export class MetadataShell {
  directory = '/'
  isOver = false
  readonly history: string[] = []
  readonly #root: Folder
  readonly #width: number | undefined

  /** `width`: columns of the terminal; undefined: one name a line. */
  constructor(root: Folder, width: number | undefined) {
    this.#root = root
    this.#width = width
  }

  line(line: string): Answer {
    if (line.trim() === '') return NOTHING
    this.history.push(line)
    if (this.history.length > HISTORY_MAX) this.history.shift()
    return this.run(wordsOf(line))
  }

  run([name = '', ...args]: readonly string[]): Answer {
    switch (name as CommandName) {
      case 'cat':
        return args.length === 0
          ? wrong(`cat: which file? ${commands.cat.usage}`)
          : this.#each('cat', args, (path, node) => cat(path, node))
      case 'cd':
        return this.#cd(args)
      case 'exit':
        this.isOver = true
        return NOTHING
      case 'find':
        return this.#each('find', args, (path, node) => listing([...walk(path, node)].map(({ entry }) => entry)))
      case 'help':
        return { ...NOTHING, text: (Object.keys(commands) as CommandName[]).map(manOf).join('') }
      case 'history':
        return this.#showHistory(args)
      case 'ls':
        return this.#ls(args)
      case 'man':
        return man(args)
      case 'pwd':
        return listing([{ path: this.directory, kind: 'folder' }])
      case 'tree':
        return this.#each('tree', args, tree)
      default: {
        const close = nearest(name, Object.keys(commands))
        return wrong(`there is no command ${name}${close === undefined ? ': see help' : `; did you mean ${close}?`}`)
      }
    }
  }

  /** What a line may go on with, and the part of it that this replaces: for readline. */
  complete(line: string): [string[], string] {
    const words = wordsOf(line)
    const isNew = words.length === 0 || /\s$/.test(line)
    const last = isNew ? '' : words.at(-1)!
    const before = isNew ? words.length : words.length - 1
    if (before === 0 || (words[0] === 'man' && before === 1))
      return [Object.keys(commands).flatMap((name) => (name.startsWith(last) ? [`${name} `] : [])), last]
    const slash = last.lastIndexOf('/') + 1
    const [above, begun] = [last.slice(0, slash), last.slice(slash)]
    const folder = nodeAt(this.#root, pathWords(above, this.directory))
    if (folder?.kind !== 'folder') return [[], last]
    const names = folder.names().filter((name) => name.startsWith(begun))
    const endOf = (name: string): string => (follow(this.#root, folder.child(name))?.kind === 'folder' ? '/' : ' ')
    return [names.map((name) => `${above}${name.replace(/[\s"'\\]/g, '\\$&')}${endOf(name)}`), last]
  }

  #cd(args: readonly string[]): Answer {
    if (args.length > 1) return wrong(`cd: one folder at a time: ${commands.cd.usage}`)
    const paths = expandPath(this.#root, args[0] ?? '/', this.directory)
    if (paths.length !== 1) return wrong(`cd: ${args[0]}: ${paths.length === 0 ? 'no such file or directory' : 'several folders'}`)
    const node = this.#at(paths[0]!)
    if (node === undefined) return wrong(`cd: ${args[0]}: no such file or directory`)
    if (node.kind === 'file') return wrong(`cd: ${args[0]}: not a directory`)
    this.directory = paths[0]!
    return NOTHING
  }

  #ls(args: readonly string[]): Answer {
    const isOne = args.length <= 1 && this.#paths(args[0] ?? '.').length <= 1
    return this.#each('ls', args, (path, node) => {
      if (node.kind === 'file') return listing([{ path, kind: 'file' }])
      const entries = node.names().map((name): ShellEntry => ({ path: below(path, name), kind: node.child(name)!.kind }))
      const names = entries.map((entry, index) => `${node.names()[index]}${marks[entry.kind]}`)
      return { entries, text: `${isOne ? '' : `${path}:\n`}${inColumns(names, this.#width)}`, errors: [] }
    })
  }

  #showHistory([count]: readonly string[]): Answer {
    if (count !== undefined && !/^\d+$/.test(count)) return wrong(`history: ${count} is no number`)
    const first = count === undefined ? 0 : Math.max(0, this.history.length - Number(count))
    return {
      ...NOTHING,
      text: this.history
        .map((line, index) => `${String(index + 1).padStart(4)}  ${line}\n`)
        .slice(first)
        .join(''),
    }
  }

  /** The answer for every path that the arguments mean; without any for where this is. */
  #each(name: CommandName, args: readonly string[], answer: (path: string, node: Folder | Leaf) => Answer): Answer {
    const answers = (args.length === 0 ? ['.'] : args).flatMap((arg) => {
      const paths = this.#paths(arg)
      if (paths.length === 0) return [wrong(`${name}: ${arg}: no such file or directory`)]
      return paths.map((path) => {
        const node = this.#at(path)
        return node === undefined ? wrong(`${name}: ${path}: no such file or directory`) : answer(path, node)
      })
    })
    return {
      entries: answers.flatMap(({ entries }) => entries),
      text: answers.map(({ text }) => text).join(''),
      errors: answers.flatMap(({ errors }) => errors),
    }
  }

  #paths(arg: string): string[] {
    return expandPath(this.#root, arg, this.directory)
  }

  #at(path: string): Folder | Leaf | undefined {
    return nodeAt(this.#root, pathWords(path, '/'))
  }
}

const marks: Readonly<Record<ShellNode['kind'], string>> = { folder: '/', file: '', link: '@' }
const wrong = (error: string): Answer => ({ ...NOTHING, errors: [error] })
const below = (path: string, name: string): string => (path === '/' ? `/${name}` : `${path}/${name}`)
const listing = (entries: readonly ShellEntry[]): Answer => ({ entries, text: entries.map(({ path }) => `${path}\n`).join(''), errors: [] })
const bigText = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)
const contentText = (content: unknown, indent?: number): string =>
  typeof content === 'string' ? content : JSON.stringify(content, bigText, indent)

function cat(path: string, node: Folder | Leaf): Answer {
  if (node.kind === 'folder') return wrong(`cat: ${path}: is a directory`)
  return { entries: [{ path, kind: 'file', content: node.content }], text: `${contentText(node.content, 2)}\n`, errors: [] }
}

/** A node and everything below it; links are named and not followed. */
function* walk(path: string, node: ShellNode, depth = 0): Generator<{ entry: ShellEntry; node: ShellNode; depth: number }> {
  yield { entry: { path, kind: node.kind }, node, depth }
  if (node.kind !== 'folder') return
  for (const name of node.names()) yield* walk(below(path, name), node.child(name)!, depth + 1)
}

function tree(path: string, start: Folder | Leaf): Answer {
  const all = [...walk(path, start)]
  const lines = all.map(({ entry, node, depth }) => {
    const name = depth === 0 ? path : entry.path.slice(entry.path.lastIndexOf('/') + 1)
    const held = node.kind === 'file' ? `: ${contentText(node.content)}` : node.kind === 'link' ? ` → ${node.target}` : marks.folder
    return `${'  '.repeat(depth)}${name === '/' ? '' : name}${held}\n`
  })
  const entries = all.map(({ entry, node }) => (node.kind === 'file' ? { ...entry, content: node.content } : entry))
  return { entries, text: lines.join(''), errors: [] }
}

function man(args: readonly string[]): Answer {
  const [name] = args
  if (name === undefined) return wrong(`man: which command? ${Object.keys(commands).join(', ')}`)
  return Object.hasOwn(commands, name) ? { ...NOTHING, text: manOf(name as CommandName) } : wrong(`man: there is no command ${name}`)
}

/** Down the columns, as ls does on a terminal. */
function inColumns(names: readonly string[], width: number | undefined): string {
  const widest = Math.max(0, ...names.map(({ length }) => length)) + 2
  const columns = width === undefined ? 1 : Math.max(1, Math.floor(width / widest))
  const rows = Math.ceil(names.length / columns)
  return Array.from({ length: rows }, (_, row) => {
    const line = Array.from({ length: columns }, (_each, column) => names[column * rows + row] ?? '')
    return `${line
      .map((name) => name.padEnd(widest))
      .join('')
      .trimEnd()}\n`
  }).join('')
}
