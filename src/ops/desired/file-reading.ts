import { type Document, isAlias, isMap, isSeq, LineCounter, parseAllDocuments, type YAMLMap } from 'yaml'
import { nearest } from '../../base/index.ts'
import { type Node, offsetOf, textOf } from './yaml-node.ts'

/** A mistake in a file: where, what, and what to do about it. */
export interface FileFault {
  readonly place: string
  readonly what: string
  readonly next: string
}

/** Reads files of YAML, and keeps what is wrong in them, with where it stands. */
export class FileReading {
  readonly faults: FileFault[] = []
  /** Where what was read stands, by its key. */
  readonly places = new Map<string, string>()
  #path = ''
  #lines = new LineCounter()
  #document: Document | undefined;

  /** What the documents of a file hold; those that are no YAML are faults. */
  *documents(path: string, text: string): Iterable<Node> {
    this.#path = path
    this.#lines = new LineCounter()
    const documents = parseAllDocuments(text, { lineCounter: this.#lines, prettyErrors: false })
    if (!Array.isArray(documents)) return
    for (const document of documents) {
      this.#document = document
      for (const error of document.errors)
        this.fault(error.pos[0], `it is no YAML: ${error.message.split('\n')[0]}`, 'What tkafka export writes is an example.')
      if (document.errors.length === 0) yield document.contents as Node
    }
  }

  /** True once for each key. */
  isNew(key: string, what: string, at: number): boolean {
    const known = this.places.get(key)
    if (known !== undefined) this.fault(at, `${what} stands in ${known} already`, 'Leave one of them.')
    else this.places.set(key, this.#placeOf(at))
    return known === undefined
  }

  named(node: Node, what: string, read: (name: string, spec: Node, at: number) => void): void {
    for (const [name, spec, at] of this.fields(node, what)) read(name, spec, at)
  }

  list(node: Node, what: string, read: (each: Node) => void): void {
    if (!isSeq(node)) return this.fault(offsetOf(node, 0), `${what} is no list`, 'Begin each of them with "- ".')
    for (const each of node.items as Node[]) read(this.#resolved(each))
  }

  /** Keys and values of a map, with where each stands. */
  fields(given: Node, what: string, known?: readonly string[]): [key: string, value: Node, at: number][] {
    const node = this.#resolved(given)
    if (!isMap(node)) {
      this.fault(offsetOf(given, 0), `${what}: KEY: VALUE is expected here`, known === undefined ? '' : `Keys: ${known.join(', ')}.`)
      return []
    }
    return (node as YAMLMap.Parsed).items.flatMap(({ key, value }): [string, Node, number][] => {
      const at = offsetOf(key as Node, 0)
      const name = textOf(key as Node)
      if (typeof name === 'string' && (known === undefined || known.includes(name))) return [[name, this.#resolved(value as Node), at]]
      const close = known === undefined ? undefined : nearest(name ?? '', known)
      const next = close === undefined ? `Keys: ${known?.join(', ') ?? 'texts'}.` : `Did you mean ${close}?`
      this.fault(at, `${what} has no ${name ?? 'such key'}`, next)
      return []
    })
  }

  /** What an alias stands for. */
  #resolved(node: Node): Node {
    if (!isAlias(node)) return node
    return this.#document === undefined ? undefined : (node.resolve(this.#document) as Node)
  }

  #placeOf(at: number): string {
    return `${this.#path}:${this.#lines.linePos(at).line}`
  }

  /** A mistake at this offset of the file that is being read. */
  fault(at: number, what: string, next: string): undefined {
    this.faults.push({ place: this.#placeOf(at), what, next })
  }
}
