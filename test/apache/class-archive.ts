import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from './free-port.ts'

const LIMIT_MS = 120_000

/**
 * Starting Java is most of what tests cost that need Apache Kafka, and reading classes is most of a start. So a broker and some tools
 * run once, the classes that they take are noted, and Java writes these as it holds them in memory into a file (class data sharing) which
 * later starts map. Java takes it for the same Java and the same jars alone, and goes on without it otherwise.
 */
export async function writeClassArchive(libs: string, archive: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tkafka-classes-'))
  const unfinished = `${archive}.unfinished`
  const running = new Set<ChildProcess>()
  try {
    const java = (args: readonly string[]): ChildProcess => {
      const child = startJava(libs, args)
      running.add(child)
      return child.once('close', () => running.delete(child))
    }
    await takeClasses(java, folder)
    const lists = readdirSync(folder).filter((name) => name.endsWith('.classes'))
    const lines = lists.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    const all = join(folder, 'all')
    writeFileSync(all, [...new Set(lines)].join('\n'))
    await ended(java(['-Xshare:dump', `-XX:SharedClassListFile=${all}`, `-XX:SharedArchiveFile=${unfinished}`]))
    renameSync(unfinished, archive)
  } finally {
    // When one of them failed, others still run.
    for (const child of running) child.kill('SIGKILL')
    await Promise.all([...running].map((child) => once(child, 'close')))
    rmSync(unfinished, { force: true })
    rmSync(folder, { recursive: true, force: true })
  }
}

type Java = (args: readonly string[]) => ChildProcess

const startJava = (libs: string, args: readonly string[]): ChildProcess =>
  spawn('java', [
    '-Xmx512m',
    `-Dlog4j2.configurationFile=${join(import.meta.dirname, 'log4j2.properties')}`,
    '-cp',
    join(libs, '*'),
    ...args,
  ])

async function ended(child: ChildProcess, stdin = ''): Promise<void> {
  let said = ''
  child.stdout?.on('data', (chunk) => (said += chunk))
  child.stderr?.on('data', (chunk) => (said += chunk))
  // One that has ended already reads no more: its exit code says why.
  child.stdin?.on('error', () => {}).end(stdin)
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
  const [code, signal] = await once(child, 'close')
  clearTimeout(limit)
  if (code !== 0 && signal !== 'SIGTERM' && code !== 143)
    throw new Error(`${child.spawnargs.join(' ')} ended (${signal ?? code}):\n${said}`)
}

/** Writes a list of classes for each program that runs. */
async function takeClasses(java: Java, folder: string): Promise<void> {
  const noted = (name: string, ...args: string[]): ChildProcess =>
    java([`-XX:DumpLoadedClassList=${join(folder, `${name}.classes`)}`, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', ...args])
  const tool = (name: string, main: string, args: string, stdin?: string): Promise<void> =>
    ended(noted(name, `org.apache.kafka.tools.${main}`, ...args.split(' ')), stdin)
  const [port, controllerPort] = await freePorts(2)
  const server = `--bootstrap-server 127.0.0.1:${port}`
  const file = join(folder, 'server.properties')
  const lines = [
    ...['process.roles=broker,controller', 'node.id=1', `controller.quorum.voters=1@127.0.0.1:${controllerPort}`],
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    ...['controller.listener.names=CONTROLLER', `log.dirs=${join(folder, 'data')}`],
    ...['offsets.topic.replication.factor=1', 'offsets.topic.num.partitions=1', 'group.initial.rebalance.delay.ms=0'],
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  await ended(noted('storage', 'kafka.tools.StorageTool', 'format', '-t', 'MkU3OEVBNTcwNTJENDM2Qg', '-c', file))
  const broker = noted('broker', 'kafka.Kafka', file)
  const stopped = ended(broker)
  await new Promise<void>((resolve) => {
    broker.stderr!.on('data', (chunk) => String(chunk).includes('Kafka Server started') && resolve())
    stopped.then(resolve, resolve)
  })
  await tool('topics', 'TopicCommand', `${server} --create --topic classes --partitions 1`)
  await tool('producer', 'ConsoleProducer', `${server} --topic classes --compression-codec zstd`, 'a\nb\n')
  await tool('consumer', 'consumer.ConsoleConsumer', `${server} --topic classes --group classes --from-beginning --max-messages 2`)
  await Promise.all([
    tool('groups', 'consumer.group.ConsumerGroupCommand', `${server} --describe --group classes`),
    tool('quorum', 'MetadataQuorumCommand', `${server} describe --status`),
    ended(noted('configs', 'kafka.admin.ConfigCommand', ...`${server} --describe --entity-type brokers --entity-name 1`.split(' '))),
    tool('dump', 'DumpLogSegments', `--print-data-log --files ${join(folder, 'data', 'classes-0', `${'0'.repeat(20)}.log`)}`),
  ])
  broker.kill('SIGTERM')
  await stopped
}
