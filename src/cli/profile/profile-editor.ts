import { dirname } from 'node:path'
import type { Document, YAMLMap, YAMLSeq } from 'yaml'
import { Fault, messageOf } from '../fault.ts'
import type { Shell } from '../shell.ts'
import { type Profile, type ProfileFile, profileFields, profileFile } from './profile.ts'
import { textOf, userFile } from './profile-files.ts'

const emptyFile =
  '# Clusters by name: tkafka profile --help. Secrets only as keyring:NAME, env:NAME, file:PATH or command:LINE.\nprofiles: []\n'

/** The user's own file, changed where it must be: comments and order stay. */
export class ProfileEditor {
  readonly #shell: Shell
  readonly #document: Document
  readonly path: string

  private constructor(shell: Shell, path: string, document: Document) {
    this.#shell = shell
    this.path = path
    this.#document = document
  }

  /** @throws Fault when the file cannot be understood */
  static async open(shell: Shell): Promise<ProfileEditor> {
    const path = userFile(shell)
    const text = (await textOf(shell, path)) ?? emptyFile
    const { parseDocument } = await import('yaml')
    const document = parseDocument(text)
    if (document.errors.length > 0) throw new Fault(`${path}: is no YAML`, { hint: 'tkafka profile edit opens the file.' })
    profileFile(document.toJS(), path, 'user')
    if (document.contents === null) document.contents = document.createNode({}) as never
    return new ProfileEditor(shell, path, document)
  }

  get #profiles(): YAMLSeq {
    if (!this.#document.has('profiles') || this.#document.get('profiles') === null)
      this.#document.set('profiles', this.#document.createNode([]))
    const list = this.#document.get('profiles') as YAMLSeq
    list.flow = false
    return list
  }

  #indexOf(name: string): number {
    return this.#profiles.items.findIndex((item) => (item as YAMLMap).get('name') === name)
  }

  has(name: string): boolean {
    return this.#indexOf(name) >= 0
  }

  get count(): number {
    return this.#profiles.items.length
  }

  /** In the place of one with the same name. */
  put(profile: Profile): void {
    const node = this.#document.createNode(profileFields(profile))
    const index = this.#indexOf(profile.name)
    if (index < 0) this.#profiles.items.push(node)
    else this.#profiles.items[index] = node
  }

  remove(name: string): void {
    this.#profiles.items.splice(this.#indexOf(name), 1)
    if (this.#document.get('current') === name) this.#document.delete('current')
  }

  /** Null: none is. */
  use(name: string | null): void {
    if (name === null) this.#document.delete('current')
    else this.#document.set('current', name)
  }

  /** @throws Fault, and then the file is as it was */
  async save(): Promise<void> {
    const text = this.#document.toString({ lineWidth: 0 })
    await saveProfiles(this.#shell, text)
  }
}

/** The text of the file as it is, or as it would begin. @throws Fault */
export const profileText = async (shell: Shell): Promise<string> => (await textOf(shell, userFile(shell))) ?? emptyFile

/** Replaces the file by a text that is understood. @throws Fault, and then the file is as it was */
export async function saveProfiles(shell: Shell, text: string): Promise<readonly string[]> {
  const path = userFile(shell)
  const { parse } = await import('yaml')
  let value: unknown
  try {
    value = parse(text)
  } catch (error) {
    const place = (error as { linePos?: { line: number }[] }).linePos?.[0]
    throw new Fault(`${path}${place === undefined ? '' : `:${place.line}`}: is no YAML`)
  }
  const after = profileFile(value, path, 'user')
  const before = await fileBefore(shell, path)
  const { disk } = await shell.host()
  try {
    await disk.makeDirectory(dirname(path))
    await disk.replaceFile(path, Buffer.from(text), 'private')
  } catch (error) {
    throw new Fault(`cannot write ${path}: ${messageOf(error)}`, { cause: error })
  }
  await (await import('../completion/name-memory.ts')).forgetNames(shell, changedProfiles(before, after))
  return after.remarks
}

/** Undefined: there was none, or none that anybody could have used. */
async function fileBefore(shell: Shell, path: string): Promise<ProfileFile | undefined> {
  const { parse } = await import('yaml')
  try {
    const text = await textOf(shell, path)
    return text === undefined ? undefined : profileFile(parse(text), path, 'user')
  } catch {
    return undefined
  }
}

/** What leads elsewhere now: profiles by name, and null where none is named. */
function changedProfiles(before: ProfileFile | undefined, after: ProfileFile): (string | null)[] {
  const of = (file: ProfileFile | undefined, name: string | null): string =>
    JSON.stringify(file?.profiles.find((each) => each.name === name) ?? null)
  const names = (before?.profiles ?? []).map(({ name }) => name)
  const changed = names.filter((name) => of(before, name) !== of(after, name))
  const current = before?.current ?? null
  return [...changed, ...(current !== after.current || (current !== null && changed.includes(current)) ? [null] : [])]
}
