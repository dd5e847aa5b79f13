import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, test } from 'node:test'
import { builtInFault, codeOf, importFault, importsOf, rooms, worldlyUses } from './rooms.ts'

const root = join(import.meta.dirname, '../..')

function sourceFiles(...folders: string[]): string[] {
  return folders.flatMap((folder) => {
    const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    return names.filter((name) => /\.tsx?$/.test(name)).map((name) => `${folder}/${name}`)
  })
}

const files = sourceFiles(...['src', 'commands', 'test', 'bench'].filter((folder) => readdirSync(root).includes(folder)))
const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))

const nothing = (faults: readonly string[], rule: string): void => assert.equal(faults.length, 0, `${rule}\n  ${faults.join('\n  ')}\n`)

describe('the house', () => {
  test('a room imports only rooms above it, and only through their front door', () => {
    const faults = [...sources].flatMap(([file, source]) =>
      importsOf(source)
        .filter(({ from }) => from.startsWith('.'))
        .flatMap(({ from }) => {
          const fault = importFault(file, normalize(join(dirname(file), from)))
          return fault === undefined ? [] : `${file} imports ${from}: ${fault}`
        }),
    )
    nothing(faults, `The order is ${rooms.join(' ')}; see src/README.md.`)
  })

  test('only host/node touches files, sockets, clocks, timers and randomness', () => {
    const faults = [...sources].flatMap(([file, source]) => [
      ...importsOf(source)
        .filter(({ from }) => from.startsWith('node:'))
        .flatMap((imported) => {
          const fault = builtInFault(file, imported)
          return fault === undefined ? [] : `${file} imports ${imported.from}: ${fault}`
        }),
      ...worldlyUses(file, source),
    ])
    nothing(faults, 'The same code runs in a simulated world; see src/host/index.ts.')
  })

  test('a package of npm is loaded by a room only when package.json names it as a dependency', () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const faults = [...sources]
      .filter(([file]) => file.startsWith('src/') || file.startsWith('commands/'))
      .flatMap(([file, source]) => importsOf(source).map(({ from }) => [file, from] as const))
      .filter(([, from]) => !from.startsWith('.') && !from.startsWith('node:'))
      .filter(
        ([, from]) =>
          dependencies[
            from
              .split('/')
              .slice(0, from.startsWith('@') ? 2 : 1)
              .join('/')
          ] === undefined,
      )
      .map(([file, from]) => `${file} imports ${from}`)
    nothing(faults, 'Add it to package.json with an exact version, and say why in docs/decisions.')
  })

  test('files are kebab-case nouns of at most 600 lines', () => {
    const forbidden = ['util', 'utils', 'helper', 'helpers', 'common', 'manager', 'service', 'impl', 'data', 'misc']
    const faults = [...sources].flatMap(([file, source]) => {
      const words = file.replace(/(\.test)?\.tsx?$/, '').split(/[/.-]/)
      const lines = source.split('\n').length - 1
      return [
        ...(/^[a-z0-9]+([-/][a-z0-9]+)*(\.test)?\.tsx?$/.test(file) ? [] : [`${file}: not kebab-case`]),
        ...words.filter((word) => forbidden.includes(word)).map((word) => `${file}: "${word}" says nothing; name it after what it holds`),
        ...(lines > 600 && !file.startsWith('bench/') ? [`${file}: ${lines} lines; split it by concept`] : []),
      ]
    })
    nothing(faults, 'A file name is its main export; see CONTRIBUTING.md.')
  })

  test('what is exported is named after what it is', () => {
    const empty =
      /\bexport\s+(?:async\s+)?(?:class|function|const|interface|type)\s+(\w*(?:Manager|Service|Impl|Utils?|Helpers?|Misc)\d*)\b/g
    const faults = [...sources]
      .filter(([file]) => file.startsWith('src/') && !file.startsWith('src/protocol/messages/'))
      .flatMap(([file, source]) => [...codeOf(source).matchAll(empty)].map(([, name]) => `${file}: ${name}`))
    nothing(faults, 'Manager, Service, Impl, Util and Helper say nothing: find the noun.')
  })

  test('exports have names, so that they are found (oclif commands excepted)', () => {
    const faults = [...sources]
      .filter(([file, source]) => file.startsWith('src/') && /^export default\b/m.test(codeOf(source)))
      .map(([file]) => file)
    nothing(faults, 'Name the export after the file.')
  })
})

describe('the rules of the house find what they look for', () => {
  test('a room below, a back door, a wing behind the wall, the other world', () => {
    assert.match(importFault('src/log/a.ts', 'src/replica/index.ts') ?? '', /below it/)
    assert.match(importFault('src/replica/a.ts', 'src/log/segment.ts') ?? '', /front door/)
    assert.match(importFault('src/ops/a.ts', 'src/metadata/index.ts') ?? '', /through client/)
    assert.match(importFault('src/broker/a.ts', 'src/sim/index.ts') ?? '', /only tests/)
    assert.match(importFault('src/broker/a.ts', 'test/log/log-fixture.ts') ?? '', /must not import/)
    assert.match(importFault('src/broker/a.ts', 'src/attic/index.ts') ?? '', /not a room/)
  })

  test('what is allowed passes', () => {
    assert.equal(importFault('src/cli/a.ts', 'src/log/index.ts'), undefined)
    assert.equal(importFault('src/broker/a.ts', 'src/protocol/messages/fetch.ts'), undefined)
    assert.equal(importFault('src/sim/a.ts', 'src/broker/index.ts'), undefined)
    assert.equal(importFault('commands/topics/list.ts', 'src/cli/index.ts'), undefined)
    assert.equal(builtInFault('src/records/a.ts', { from: 'node:zlib', names: ['gzipSync'], typeOnly: false }), undefined)
  })

  test('modules, clocks and randomness are seen in every spelling of an import', () => {
    const source =
      "import { createHash, randomUUID as id } from 'node:crypto'\nimport fs from 'node:fs'\nconst net = await import('node:net')\n"
    const faults = importsOf(source).map((imported) => builtInFault('src/log/a.ts', imported))
    assert.match(faults[0] ?? '', /randomUUID/)
    assert.match(faults[1] ?? '', /node:fs/)
    assert.match(faults[2] ?? '', /node:net/)
    assert.deepEqual(worldlyUses('src/log/a.ts', "const a = 'Date.now'\nsetTimeout(f, 1) // Math.random\n"), [
      'src/log/a.ts:2: setTimeout( — take it from host.clock or host.random',
    ])
  })
})
