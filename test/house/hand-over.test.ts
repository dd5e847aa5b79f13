import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, test } from 'node:test'

const runtimeModule = join(import.meta.dirname, '../../bin/runtime.js')

/** Runs `program` through the hand-over of an old Node (no execve) or a newer one. */
function launch(program: string, how: 'as a parent' | 'in place', ...args: string[]) {
  const launcher = `${how === 'as a parent' ? 'delete process.execve; process.execve = undefined;' : ''}
    const { handOver } = await import(${JSON.stringify(runtimeModule)})
    await handOver(process.execPath, ['--input-type=module', '-e', ${JSON.stringify(program)}, ...${JSON.stringify(args)}])`
  return spawn(process.execPath, ['--input-type=module', '-e', launcher], { stdio: ['pipe', 'pipe', 'pipe'] })
}

async function ended(child: ReturnType<typeof launch>): Promise<{ code: number | null; signal: string | null; out: string; err: string }> {
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => (out += chunk))
  child.stderr.on('data', (chunk) => (err += chunk))
  const [code, signal] = await once(child, 'close')
  return { code, signal, out, err }
}

for (const how of ['as a parent', 'in place'] as const) {
  describe(`handing over to the pinned runtime ${how}`, () => {
    test('passes arguments, standard input and output, and the exit code', async () => {
      const child = launch(
        "let text = ''; for await (const chunk of process.stdin) text += chunk; console.log(process.argv.slice(1).join('|') + ':' + text); process.exit(7)",
        how,
        'a b',
        '--c',
      )
      child.stdin.end('from outside')
      assert.deepEqual(await ended(child), { code: 7, signal: null, out: 'a b|--c:from outside\n', err: '' })
    })

    test('passes a signal on and lets the program end in its own way', async () => {
      const child = launch("process.on('SIGTERM', () => process.exit(3)); setInterval(() => {}, 1000); console.log('up')", how)
      await once(child.stdout, 'data')
      child.kill('SIGTERM')
      assert.equal((await ended(child)).code, 3)
    })

    test('dies of the signal that the program died of', async () => {
      const child = launch("console.log('up'); process.kill(process.pid, 'SIGKILL')", how)
      assert.equal((await ended(child)).signal, 'SIGKILL')
    })
  })
}

test('a program ends as on SIGTERM when the launcher that stayed as its parent is killed', async () => {
  const program = `const { endWithLauncher } = await import(${JSON.stringify(runtimeModule)})
    endWithLauncher()
    process.on('SIGTERM', () => { console.log('ended in order'); process.exit() })
    setInterval(() => {}, 1000)
    console.log('up')`
  const child = launch(program, 'as a parent')
  const rest = ended(child)
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  const { signal, out } = await rest
  assert.deepEqual([signal, out], ['SIGKILL', 'up\nended in order\n'])
})

test('a program that is handed over to ends by itself when it has nothing left to do', async () => {
  const child = launch(`(await import(${JSON.stringify(runtimeModule)})).endWithLauncher(); console.log('done')`, 'as a parent')
  assert.deepEqual(await ended(child), { code: 0, signal: null, out: 'done\n', err: '' })
})
