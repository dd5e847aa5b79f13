// Makes a checkout ready and then runs something in it. Plain JavaScript for Node 18 and later: nothing is installed yet.
//   node bin/ready.js                     install and build what is missing or older than its source
//   node bin/ready.js run ARGS…           … then tkafka ARGS… under the pinned runtime
//   node bin/ready.js test [ARGS…]        … then the tests; ARGS: files, folders, options of node's test runner
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { handOver, pinnedNode } from './runtime.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const sourceFolders = ['src', 'commands'].filter((folder) => existsSync(join(root, folder)))
const stamp = join(root, 'dist', '.ready')

const say = (line) => process.stderr.write(`tkafka: ${line}\n`)
const changedMs = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

class Refusal extends Error {}

function run(what, command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })
  if (error) throw new Refusal(`${what} did not start: ${error.message}`)
  if (status !== 0) throw new Refusal(`${what} failed (exit code ${status}): see above`)
}

/** Why the dependencies must be installed, or undefined. */
function missingDependencies() {
  const locked = join(root, 'package-lock.json')
  const installed = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installed)) return 'nothing is installed yet'
  if (pinnedNode() === undefined) return 'the pinned Node runtime is missing'
  if (changedMs(installed) >= changedMs(locked)) return undefined
  const wanted = JSON.parse(readFileSync(locked, 'utf8')).packages
  const present = JSON.parse(readFileSync(installed, 'utf8')).packages
  for (const [path, { version, optional }] of Object.entries(wanted)) {
    if (path !== '' && !optional && present[path]?.version !== version)
      return `${path.replace(/^.*node_modules\//, '')} ${version} is new in package-lock.json`
  }
  // A checkout rewrites package-lock.json with the same content: remember that it was compared.
  utimesSync(installed, new Date(), new Date())
  return undefined
}

const sourcesBelow = (folder) => [...filesBelow(join(root, folder))].filter((path) => /\.tsx?$/.test(path))

function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path)
    else yield path
  }
}

/** Why the sources must be built, or undefined. */
function staleBuild() {
  const builtMs = changedMs(stamp)
  if (builtMs === 0) return 'nothing is built yet'
  const builtFrom = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json']
  for (const name of builtFrom) if (changedMs(join(root, name)) > builtMs) return `${name} has changed`
  for (const folder of sourceFolders) {
    for (const path of sourcesBelow(folder)) if (changedMs(path) > builtMs) return `${relative(root, path)} has changed`
  }
  return readFileSync(stamp, 'utf8') === listOfSources() ? undefined : 'a source file came or went'
}

function listOfSources() {
  const sources = sourceFolders.flatMap(sourcesBelow)
  return sources.map((path) => relative(root, path)).join('\n')
}

/** The compiler leaves the output of deleted sources, and a deleted command would live on. */
function removeOrphans() {
  for (const folder of sourceFolders) {
    const built = join(root, 'dist', folder)
    if (!existsSync(built)) continue
    for (const path of filesBelow(built)) {
      const source = join(root, folder, relative(built, path)).replace(/\.js(\.map)?$/, '')
      if (!['.ts', '.tsx'].some((ending) => existsSync(source + ending))) rmSync(path)
    }
  }
}

function makeReady() {
  const lacking = missingDependencies()
  if (lacking !== undefined) {
    say(`installing dependencies (${lacking}): npm ci`)
    run('npm ci', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
    if (pinnedNode() === undefined)
      throw new Refusal('npm ci did not bring the Node runtime: are install scripts switched off? Try "npm rebuild node".')
  }
  const stale = staleBuild()
  if (stale !== undefined) {
    say(`building (${stale})`)
    const startedMs = Date.now()
    const sources = listOfSources()
    run('the build', pinnedNode(), [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'])
    removeOrphans()
    writeFileSync(stamp, sources)
    // Sources that changed while the compiler ran are newer than this.
    utimesSync(stamp, new Date(startedMs), new Date(startedMs))
  }
}

/** Options stay in front and in order; a folder stands for the tests below it. */
function testArguments(args) {
  const options = []
  const files = []
  args.forEach((arg, index) => {
    const isValue = index > 0 && /^--[^=]+$/.test(args[index - 1]) && !existsSync(resolve(arg))
    if (arg.startsWith('-') || isValue) options.push(arg)
    else if (!existsSync(resolve(arg)) && !/[*?[{]/.test(arg)) throw new Refusal(`no such test file or folder: ${arg}`)
    else files.push(existsSync(resolve(arg)) && statSync(resolve(arg)).isDirectory() ? `${arg.replace(/\/$/, '')}/**/*.test.ts` : arg)
  })
  if (files.length === 0) files.push(`${relative(process.cwd(), join(root, 'test')) || '.'}/**/*.test.ts`)
  // Many tests wait for disks, sockets and processes rather than for a core: two at once leave half of two cores idle.
  const cores = (availableParallelism ?? (() => cpus().length))()
  return ['--test', `--test-concurrency=${cores + 1}`, ...options, ...files]
}

const [verb, ...args] = process.argv.slice(2)
try {
  if (!['run', 'test', undefined].includes(verb)) throw new Refusal('usage: node bin/ready.js [run ARGS… | test [FILE|FOLDER|OPTION…]]')
  makeReady()
  if (verb === 'run') await handOver(pinnedNode(), [join(root, 'bin', 'run.js'), ...args])
  if (verb === 'test') {
    // Hundreds of processes, those that tests start included, load much the same sources: the first to load one compiles it for all.
    // What is covered can be told exactly only of what was compiled by the process itself.
    if (!args.some((arg) => arg.includes('coverage'))) process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules', '.cache', 'compiled')
    await handOver(pinnedNode(), testArguments(args))
  }
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  say(error.message)
  process.exitCode = 1
}
