import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keepLastUsed } from './cache-pruning.ts'
import { writeClassArchive } from './class-archive.ts'
import { exclusively } from './exclusively.ts'
import { apacheLibs, javaVersion, referenceCache } from './kafka-home.ts'

const hashOf = (...parts: readonly (string | Buffer)[]): string => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part).update('\0')
  return hash.digest('hex').slice(0, 12)
}

/** The folder with the classes of our programs under `java/`. */
async function compiledPrograms(libs: string): Promise<string> {
  const folder = join(import.meta.dirname, 'java')
  const sources = readdirSync(folder).map((name) => join(folder, name))
  const programs = join(referenceCache, `programs-${hashOf(javaVersion!, libs, ...sources.map((path) => readFileSync(path)))}`)
  const complete = join(programs, '.complete')
  const compile = (): void => {
    mkdirSync(programs, { recursive: true })
    const { status, stderr } = spawnSync('javac', ['-d', programs, '-cp', join(libs, '*'), ...sources], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`javac failed:\n${stderr}`)
    writeFileSync(complete, '')
  }
  await exclusively(`${programs}.filling`, () => existsSync(complete), compile)
  keepLastUsed(programs, referenceCache, /^programs-\w+$/)
  return programs
}

const DAY_MS = 86_400_000

/** The file that `writeClassArchive` made, or undefined when that cannot be done with this Java. */
async function classArchive(libs: string): Promise<string | undefined> {
  const jars = readdirSync(libs).map((name) => `${name} ${statSync(join(libs, name)).mtimeMs}`)
  const recipe = readFileSync(join(import.meta.dirname, 'class-archive.ts'))
  const archive = join(referenceCache, `classes-${hashOf(javaVersion!, libs, ...jars, recipe)}.jsa`)
  const write = (): Promise<void> =>
    writeClassArchive(libs, archive).catch((error) => {
      process.stderr.write(`Java starts without an archive of classes: ${error.message}\n`)
      // Who comes next does not try again, for a day.
      writeFileSync(archive, '')
    })
  const isThere = (): boolean => {
    const { size, mtimeMs } = statSync(archive, { throwIfNoEntry: false }) ?? { size: 0, mtimeMs: 0 }
    return size > 0 || Date.now() - mtimeMs < DAY_MS
  }
  await exclusively(`${archive}.filling`, isThere, write)
  if (statSync(archive).size === 0) return undefined
  keepLastUsed(archive, referenceCache, /^classes-\w+\.jsa(\.unfinished)?$/)
  return archive
}

/** What is made once, into the cache, under names that say of what it is made. Undefined when Apache Kafka cannot be had here. */
export const preparedJava =
  apacheLibs === undefined
    ? undefined
    : { libs: apacheLibs, programs: await compiledPrograms(apacheLibs), archive: await classArchive(apacheLibs) }
