import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Connection, type Host, isDiskError, NetworkError } from '../../src/host/index.ts'

/** A host under test: how to get one with an empty directory, and how to let it live while a test runs. */
export interface Stage {
  readonly name: string
  run(act: (host: Host, directory: string) => Promise<void>): Promise<void>
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

/** What every host keeps to: the same specifications for the real one and for the simulated one. */
export function hostContract(stage: Stage): void {
  const spec = (name: string, act: (host: Host, directory: string) => Promise<void>): void => {
    test(name, () => stage.run(act))
  }

  describe(`clock of ${stage.name}`, () => {
    spec('calls back in order of time, never within the call', async ({ clock }) => {
      const order: string[] = []
      const startMs = clock.monotonic()
      await new Promise<void>((resolve) => {
        clock.after(30, resolve)
        clock.after(20, () => order.push('20'))
        clock.after(1, () => order.push('1'))
        clock.defer(() => order.push('turn'))
        clock.after(10, () => order.push('cancelled')).cancel()
        order.push('now')
      })
      assert.deepEqual(order, ['now', 'turn', '1', '20'])
      assert.ok(clock.monotonic() - startMs >= 29)
    })

    spec('waits longer than a platform timer can without firing', async ({ clock }) => {
      let fired = false
      const timer = clock.after(2 ** 31 + 5, () => (fired = true))
      await new Promise<void>((resolve) => void clock.after(20, resolve))
      timer.cancel()
      timer.cancel()
      assert.equal(fired, false)
      assert.equal(clock.now(), Math.floor(clock.now()))
    })
  })

  describe(`randomness of ${stage.name}`, () => {
    spec('stays within its bounds', async ({ random }) => {
      assert.equal(random.bytes(33).length, 33)
      assert.notDeepEqual(random.bytes(16), random.bytes(16))
      for (let round = 0; round < 200; round++) {
        const whole = random.below(7)
        assert.ok(Number.isInteger(whole) && whole >= 0 && whole < 7)
        assert.ok(random.below(2 ** 32) < 2 ** 32)
        assert.equal(random.below(1), 0)
        const fraction = random.fraction()
        assert.ok(fraction >= 0 && fraction < 1)
      }
    })
  })

  diskContract(stage, spec)
  networkContract(stage, spec)
}

type Spec = (name: string, act: (host: Host, directory: string) => Promise<void>) => void

function diskContract(stage: Stage, spec: Spec): void {
  const rejects = (promise: Promise<unknown>, code: Parameters<typeof isDiskError>[1]): Promise<void> =>
    assert.rejects(promise, (error) => isDiskError(error, code) || assert.fail(`${code} expected, got ${error}`))

  describe(`disk of ${stage.name}`, () => {
    spec('writes parts one after the other and reads them back', async ({ disk }, directory) => {
      const file = await disk.open(`${directory}/a.log`, 'create')
      await file.write([Buffer.from('one'), Buffer.alloc(0), Buffer.from('two')], 2)
      const into = Buffer.alloc(20, '.')
      assert.equal(await file.read(into, 0), 8)
      assert.equal(text(into), '\0\0onetwo............')
      assert.equal(file.readNow(into.subarray(0, 3), 5), 3)
      assert.equal(text(into.subarray(0, 3)), 'two')
      assert.equal(await file.read(into, 8), 0)
      assert.equal(await file.read(into, 1e9), 0)
      assert.equal(await file.size(), 8)
      await file.write([], 0)
      await file.sync()
      await file.close()
    })

    spec('writes a megabyte in two thousand parts', async ({ disk }, directory) => {
      const file = await disk.open(`${directory}/big`, 'write')
      const whole = Buffer.alloc(1 << 20)
      for (let at = 0; at < whole.length; at++) whole[at] = (at * 31) >> 3
      const parts: Buffer[] = []
      for (let at = 0; at < whole.length; at += 512) parts.push(whole.subarray(at, at + 512))
      await file.write(parts, 4095)
      await file.write(parts.slice(0, 20), 0)
      const into = Buffer.alloc(whole.length)
      assert.equal(await file.read(into, 4095), whole.length)
      assert.ok(into.subarray(512 * 20).equals(whole.subarray(512 * 20)))
      await file.close()
    })

    spec('truncates to shorter, and to longer with zeros', async ({ disk }, directory) => {
      const file = await disk.open(`${directory}/t`, 'write')
      await file.write([Buffer.alloc(10_000, 'x')], 0)
      await file.truncate(5000)
      assert.equal(await file.size(), 5000)
      await file.truncate(6000)
      const into = Buffer.alloc(10_000)
      assert.equal(await file.read(into, 0), 6000)
      assert.equal(into.indexOf(0), 5000)
      await file.close()
    })

    spec('keeps contents when opened again for writing, and refuses to create twice', async ({ disk }, directory) => {
      const path = `${directory}/f`
      const file = await disk.open(path, 'write')
      await file.write([Buffer.from('kept')], 0)
      await file.close()
      const again = await disk.open(path, 'write')
      assert.equal(await again.size(), 4)
      await again.close()
      await rejects(disk.open(path, 'create'), 'EEXIST')
      await rejects(disk.open(`${directory}/none`, 'read'), 'ENOENT')
      await rejects(disk.open(`${directory}/none/f`, 'write'), 'ENOENT')
      await rejects(disk.open(`${path}/f`, 'write'), 'ENOTDIR')
      await rejects(disk.open(directory, 'write'), 'EISDIR')
    })

    spec('lets calls finish before a file closes, and refuses later ones', async ({ disk }, directory) => {
      const file = await disk.open(`${directory}/c`, 'write')
      const bytes = Buffer.alloc(1 << 20, 'c')
      const write = file.write([bytes], 0)
      const close = file.close()
      assert.equal(close, file.close())
      await write
      await close
      await rejects(file.read(Buffer.alloc(1), 0), 'ECLOSED')
      await rejects(file.sync(), 'ECLOSED')
      assert.throws(
        () => file.readNow(Buffer.alloc(1), 0),
        (error) => isDiskError(error, 'ECLOSED'),
      )
      assert.equal((await disk.readFile(`${directory}/c`)).length, bytes.length)
    })

    spec('replaces a file as one step, also many times at once', async ({ disk }, directory) => {
      const path = `${directory}/checkpoint`
      await disk.replaceFile(path, Buffer.from('0'))
      await Promise.all(Array.from({ length: 10 }, (_, round) => disk.replaceFile(path, Buffer.from(`round ${round}`))))
      assert.equal(text(await disk.readFile(path)), 'round 9')
      assert.deepEqual(await disk.list(directory), [{ name: 'checkpoint', kind: 'file' }])
      await rejects(disk.readFile(path, 3), 'EINVAL')
    })

    spec('makes, lists, renames and removes', async ({ disk }, directory) => {
      await disk.makeDirectory(`${directory}/b/c`)
      await disk.makeDirectory(`${directory}/b/c`)
      await (await disk.open(`${directory}/b/f`, 'create')).close()
      await rejects(disk.makeDirectory(`${directory}/b/f`), 'EEXIST')
      assert.deepEqual(await disk.list(`${directory}/b`), [
        { name: 'c', kind: 'directory' },
        { name: 'f', kind: 'file' },
      ])
      await disk.rename(`${directory}/b`, `${directory}/a`)
      await disk.syncDirectory(directory)
      assert.equal(await disk.stat(`${directory}/b`), undefined)
      assert.equal((await disk.stat(`${directory}/a/f`))?.kind, 'file')
      await rejects(disk.list(`${directory}/b`), 'ENOENT')
      await rejects(disk.rename(`${directory}/b`, `${directory}/d`), 'ENOENT')
      await disk.remove(`${directory}/a/f`)
      await disk.remove(`${directory}/a/f`)
      await disk.removeTree(`${directory}/a`)
      await disk.removeTree(`${directory}/a`)
      assert.deepEqual(await disk.list(directory), [])
    })

    spec('reads on from a file that was removed', async ({ disk }, directory) => {
      const file = await disk.open(`${directory}/gone`, 'write')
      await file.write([Buffer.from('still')], 0)
      await disk.remove(`${directory}/gone`)
      const into = Buffer.alloc(5)
      assert.equal(await file.read(into, 0), 5)
      assert.equal(text(into), 'still')
      await file.close()
    })

    spec('gives a lock to one holder', async ({ disk }, directory) => {
      const path = `${directory}/.lock`
      const lock = await disk.lock(path)
      await rejects(disk.lock(path), 'ELOCKED')
      await lock.release()
      await lock.release()
      await (await disk.lock(path)).release()
    })

    spec('tells how much room there is', async ({ disk }, directory) => {
      const space = await disk.space(directory)
      assert.ok(space.totalBytes > 0 && space.usableBytes > 0 && space.usableBytes <= space.totalBytes)
    })
  })
}

async function until(host: Host, condition: () => boolean, limitMs = 5000): Promise<void> {
  const endMs = host.clock.monotonic() + limitMs
  while (!condition()) {
    if (host.clock.monotonic() > endMs) throw new Error(`not within ${limitMs} ms: ${condition}`)
    await new Promise<void>((resolve) => void host.clock.after(1, resolve))
  }
}

/** Collects what arrives, and waits for it. */
function collect(connection: Connection): {
  readonly bytes: () => number
  readonly until: (count: number) => Promise<Buffer>
  readonly closed: Promise<NetworkError | undefined>
} {
  const chunks: Uint8Array[] = []
  let bytes = 0
  let wanted: { count: number; resolve: (all: Buffer) => void } | undefined
  const look = (): void => {
    if (wanted && bytes >= wanted.count) wanted.resolve(Buffer.concat(chunks))
  }
  connection.onData((chunk) => {
    chunks.push(Buffer.from(chunk))
    bytes += chunk.length
    look()
  })
  const closed = new Promise<NetworkError | undefined>((resolve) => connection.onClose(resolve))
  return {
    bytes: () => bytes,
    closed,
    until: (count) =>
      new Promise((resolve) => {
        wanted = { count, resolve }
        look()
      }),
  }
}

function networkContract(stage: Stage, spec: Spec): void {
  const local = { host: 'localhost', port: 0 }

  /** A listener that hands its one connection over, and a client connected to it. */
  async function pair(host: Host): Promise<{ near: Connection; far: Connection; close: () => Promise<void> }> {
    let accepted: (connection: Connection) => void = () => {}
    const far = new Promise<Connection>((resolve) => (accepted = resolve))
    const listener = await host.network.listen(local, (connection) => accepted(connection))
    const near = await host.network.connect({ ...listener.address, timeoutMs: 5000 })
    return { near, far: await far, close: () => listener.close() }
  }

  describe(`network of ${stage.name}`, () => {
    spec('carries bytes in order both ways, and tells both ends of the end', async (host) => {
      const { near, far, close } = await pair(host)
      const atNear = collect(near)
      const atFar = collect(far)
      near.write(Buffer.from('he'))
      near.writev([Buffer.from('l'), Buffer.alloc(0), Buffer.from('lo')])
      assert.equal(text(await atFar.until(5)), 'hello')
      far.write(Buffer.from('bye'))
      far.end()
      assert.equal(text(await atNear.until(3)), 'bye')
      assert.equal(await atNear.closed, undefined)
      assert.equal(await atFar.closed, undefined)
      assert.equal(near.remote.port, far.local.port)
      assert.equal(near.local.port, far.remote.port)
      await close()
    })

    spec('sends everything that was written before end', async (host) => {
      const { near, far, close } = await pair(host)
      const atFar = collect(far)
      collect(near)
      const bytes = Buffer.alloc(3 << 20, 'z')
      near.write(bytes)
      near.end()
      assert.equal((await atFar.until(bytes.length)).length, bytes.length)
      await atFar.closed
      await close()
    })

    spec('pushes back on a writer whose peer does not read, and goes on when it does', async (host) => {
      const { near, far, close } = await pair(host)
      const atFar = collect(far)
      collect(near)
      far.pause()
      let drained = 0
      let sent = 0
      near.onDrain(() => drained++)
      const chunk = Buffer.alloc(1 << 20, 'p')
      let written = 0
      while (written < 64) {
        written++
        if (!near.write(chunk, () => sent++)) break
      }
      // Loopback buffers take some megabytes at most; 64 do not fit.
      while (written < 64) {
        written++
        near.write(chunk, () => sent++)
      }
      assert.equal(sent, 0, 'never from within the call')
      await new Promise<void>((resolve) => void host.clock.after(50, resolve))
      assert.ok(near.queuedBytes > 0)
      assert.equal(drained, 0)
      assert.equal(atFar.bytes(), 0)
      far.resume()
      const all = await atFar.until(written * chunk.length)
      assert.equal(all.length, written * chunk.length)
      for (let tries = 0; tries < 100 && (sent < written || drained < 1); tries++)
        await new Promise<void>((resolve) => void host.clock.after(5, resolve))
      assert.equal(near.queuedBytes, 0)
      assert.equal(drained, 1)
      assert.equal(sent, written)
      near.destroy()
      await close()
    })

    spec('lets go of all bytes when destroyed, and closes once', async (host) => {
      const { near, far, close } = await pair(host)
      const atNear = collect(near)
      const atFar = collect(far)
      far.pause()
      let sent = 0
      for (let round = 0; round < 64; round++) near.write(Buffer.alloc(1 << 20), () => sent++)
      near.destroy()
      near.destroy()
      assert.equal(await atNear.closed, undefined)
      for (let tries = 0; tries < 100 && sent < 64; tries++) await new Promise<void>((resolve) => void host.clock.after(5, resolve))
      assert.equal(sent, 64)
      far.resume()
      await atFar.closed
      await close()
    })

    for (const isPaused of [false, true]) {
      spec(`tells of the end before it lets go of bytes that were lost${isPaused ? ', while its reader rests' : ''}`, async (host) => {
        const { near, far, close } = await pair(host)
        const told: string[] = []
        const letGo = (): void => {
          told.push('let go')
          // Who fills up what was let go writes to nobody, were the end told later.
          if (!told.includes('closed')) near.write(Buffer.alloc(1 << 20), () => told.push('let go'))
        }
        near.onData(() => {})
        near.onClose(() => told.push('closed'))
        if (isPaused) near.pause()
        far.onData(() => {})
        far.pause()
        near.write(Buffer.from('sent'), () => told.push('sent'))
        for (let round = 0; round < 64; round++) near.write(Buffer.alloc(1 << 20), letGo)
        try {
          await until(host, () => told.length > 0 && near.queuedBytes > 0)
          const before = [...told]
          // The peer goes with bytes unread, which breaks the connection.
          far.destroy()
          await until(host, () => told.includes('closed') && told.length >= 66)
          assert.deepEqual(told.slice(0, before.length + 1), [...before, 'closed'])
        } finally {
          near.destroy()
        }
        await close()
      })
    }

    spec('names why a connection or a listener cannot be had', async (host) => {
      const rejects = (promise: Promise<unknown>, code: string): Promise<void> =>
        assert.rejects(promise, (error) => error instanceof NetworkError && error.code === code)
      const listener = await host.network.listen(local, () => {})
      await rejects(
        host.network.listen({ host: 'localhost', port: listener.address.port }, () => {}),
        'EADDRINUSE',
      )
      await listener.close()
      await listener.close()
      await rejects(host.network.connect(listener.address), 'ECONNREFUSED')
      await rejects(host.network.connect({ host: 'no-such-host.invalid', port: 9092 }), 'ENOTFOUND')
      const given = new AbortController()
      const promise = host.network.connect({ host: 'localhost', port: 1, signal: given.signal })
      given.abort()
      await rejects(promise, 'ECANCELED')
    })

    spec('keeps open connections when the listener closes', async (host) => {
      const { near, far, close } = await pair(host)
      const atFar = collect(far)
      collect(near)
      await close()
      near.write(Buffer.from('on'))
      assert.equal(text(await atFar.until(2)), 'on')
      near.destroy()
      await atFar.closed
    })
  })
}
