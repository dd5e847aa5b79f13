import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { isDiskError } from '../../src/host/index.ts'
import { nodeDisk } from '../../src/host/node/disk.ts'

/** Takes the lock the way Apache Kafka does, says whether it got it, and holds it until its input ends. */
const program = `
import java.nio.channels.FileChannel;
import java.nio.file.*;
public class Lock {
  public static void main(String[] args) throws Exception {
    FileChannel channel = FileChannel.open(Path.of(args[0]), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    System.out.println(channel.tryLock() == null ? "refused" : "locked");
    System.out.flush();
    System.in.read();
  }
}`
const hasJava = spawnSync('java', ['-version']).status === 0

let directory: string
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tkafka-lock-'))
  await writeFile(join(directory, 'Lock.java'), program)
})
after(() => rm(directory, { recursive: true }))

async function javaLock(path: string): Promise<{ said: string; child: ChildProcess }> {
  const child = spawn('java', ['-Xshare:auto', '-XX:TieredStopAtLevel=1', join(directory, 'Lock.java'), path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
  return { said: chunk.toString().trim(), child }
}

async function end(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  child.stdin?.end()
  await exit
}

test('Java is refused a lock that we hold', { skip: !hasJava && 'no java here' }, async () => {
  const path = join(directory, 'ours')
  const lock = await nodeDisk().lock(path)
  const { said, child } = await javaLock(path)
  assert.equal(said, 'refused')
  await end(child)
  await lock.release()
})

test('we are refused a lock that Java holds, and get it when Java ends', { skip: !hasJava && 'no java here' }, async () => {
  const path = join(directory, 'theirs')
  const { said, child } = await javaLock(path)
  assert.equal(said, 'locked')
  await assert.rejects(nodeDisk().lock(path), (error) => isDiskError(error, 'ELOCKED'))
  await end(child)
  await (await nodeDisk().lock(path)).release()
})
