import { join } from 'node:path'
import { Args, BaseCommand, Fault, messageOf } from '../../src/cli/index.ts'
import { serverShims, shimText, tools } from '../../src/compat/index.ts'

export default class CompatInstallShims extends BaseCommand {
  static override summary = "write scripts with the names of Apache Kafka's, which call tkafka"
  static override description =
    'kafka-topics.sh and the others of "tkafka compat", kafka-server-start.sh, kafka-server-stop.sh and kafka-metadata-shell.sh, executable, each calling the tkafka that writes them. kafka-server-stop.sh means every broker of this tkafka on the machine, as Kafka’s does, unless --node-id or --process-role say which.'
  static override examples = ['<%= config.bin %> compat install-shims /usr/local/kafka/bin']
  static override args = { directory: Args.string({ required: true, description: 'where to write them; made when it is missing' }) }

  async run(): Promise<void> {
    const { args } = await this.read(CompatInstallShims)
    const { chmod, mkdir, writeFile } = await import('node:fs/promises')
    const command = [process.execPath, ...process.execArgv, process.argv[1] ?? 'tkafka']
    const written: { path: string }[] = []
    try {
      await mkdir(args.directory, { recursive: true })
      const scripts = { ...Object.fromEntries(Object.keys(tools).map((tool) => [tool, shimText(tool, command)])), ...serverShims(command) }
      for (const [tool, script] of Object.entries(scripts)) {
        const path = join(args.directory, `${tool}.sh`)
        await writeFile(path, script)
        await chmod(path, 0o755)
        written.push({ path })
      }
    } catch (error) {
      throw new Fault(`cannot write the scripts: ${messageOf(error)}`, { cause: error })
    }
    await this.render<{ path: string }>({ kind: 'CompatShim', items: written, columns: [{ name: 'PATH', value: ({ path }) => path }] })
  }
}
