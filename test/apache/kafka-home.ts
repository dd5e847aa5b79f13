import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { exclusively } from './exclusively.ts'

/** The release that tkafka is checked against. */
export const apacheVersion = '4.3.1'

/** What the command says of its version, or undefined when there is none. */
const versionOf = (command: string): string | undefined => {
  const { status, stdout, stderr } = spawnSync(command, ['-version'], { encoding: 'utf8' })
  return status === 0 ? stdout + stderr : undefined
}

/** Which Java is here; undefined: none. */
export const javaVersion = versionOf('java')

/** What tests of Apache Kafka keep from one run to the next. */
export const referenceCache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tkafka-reference')
const hasJars = (libs: string): boolean => existsSync(libs) && readdirSync(libs).includes(`kafka_2.13-${apacheVersion}.jar`)

/**
 * The folder of Apache Kafka's jars, or why there is none. Looks at KAFKA_HOME (an unpacked release), then at the cache folder, which it
 * fills from Maven's repositories when java and mvn are there.
 */
async function findLibs(): Promise<{ libs: string } | { missing: string }> {
  if (javaVersion === undefined) return { missing: 'java is not installed (17 or later)' }
  const { KAFKA_HOME } = process.env
  if (KAFKA_HOME !== undefined) {
    const libs = join(KAFKA_HOME, 'libs')
    return hasJars(libs) ? { libs } : { missing: `KAFKA_HOME=${KAFKA_HOME} has no libs/kafka_2.13-${apacheVersion}.jar` }
  }
  const home = join(referenceCache, `kafka-${apacheVersion}`)
  const libs = join(home, 'libs')
  const complete = join(home, '.complete')
  if (existsSync(complete) && hasJars(libs)) return { libs }
  mkdirSync(home, { recursive: true })
  return (
    (await exclusively(
      join(home, '.filling'),
      () => existsSync(complete),
      () => fill(libs, complete),
    )) ?? { libs }
  )
}

function fill(libs: string, complete: string): { missing: string } | undefined {
  if (versionOf('mvn') === undefined) return { missing: `mvn is not installed and ${libs} is not filled` }
  process.stderr.write(`fetching Apache Kafka ${apacheVersion} into ${libs}\n`)
  const pom = join(import.meta.dirname, 'pom.xml')
  const { status } = spawnSync('mvn', ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${libs}`], {
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) return { missing: 'mvn did not get the jars of Apache Kafka' }
  writeFileSync(complete, '')
}

const found = await findLibs()

/** The folder with the jars; undefined when they cannot be had here. */
export const apacheLibs: string | undefined = 'libs' in found ? found.libs : undefined

/**
 * For `describe(name, { skip: withoutApache }, …)`: false when Apache Kafka is at hand, else the reason as a text. With
 * TKAFKA_REQUIRE_APACHE=1 a missing Apache Kafka is an error: nothing may pass by being skipped.
 */
export const withoutApache: string | false = 'libs' in found ? false : `needs Apache Kafka ${apacheVersion}: ${found.missing}`

if (withoutApache !== false && process.env.TKAFKA_REQUIRE_APACHE === '1') throw new Error(withoutApache)
