import { resolve } from 'node:path'
import { BaseCommand, findBroker, firstLogDirectory, loadTuningText, nodeFlags, nodeProperties, textArg } from '../../src/cli/index.ts'
import { loadTuning, type TuningCheck } from '../../src/ops/index.ts'

export default class TuneCheck extends BaseCommand {
  static override summary = 'tell whether this machine is set up as a broker needs it'
  static override description =
    'Open files, memory, network and clock of a Linux machine, and the file systems of the data directories: each with what it is, what it should be, why, and how to set it. The limits are those of the broker that runs on the data directory, else of this command. Nothing is set. The exit code is 3 when something is wrong; a warning costs performance only.'
  static override examples = [
    '<%= config.bin %> tune check',
    { description: 'As the broker of this file will find it:', command: '<%= config.bin %> tune check config/server.properties' },
    { description: 'What has to be set:', command: "<%= config.bin %> tune check -d /var/lib/tkafka --filter 'state!=ok' --output wide" },
  ]
  static override args = { file: textArg('server.properties of the broker') }
  static override flags = nodeFlags

  async run(): Promise<void> {
    const { flags, args } = await this.read(TuneCheck)
    const { properties } = await nodeProperties(this.shell, args.file, flags, (directory) => new Map([['log.dirs', directory]]))
    const host = await this.shell.host()
    const listed = properties.get('log.dirs') ?? firstLogDirectory(properties)
    const broker = await findBroker(host, firstLogDirectory(properties)).catch(() => undefined)
    const { tuningChecks } = await loadTuning()
    const checks = await tuningChecks({
      host,
      platform: process.platform,
      nodeVersion: process.version,
      pid: broker?.running === true ? broker.pid : undefined,
      directories: listed.split(',').map((path) => resolve(path.trim())),
    })
    if (process.platform !== 'linux') this.tell('what else there is to check is known of Linux alone', 'always')
    const { tuningColumns, tuningText } = await loadTuningText()
    await this.render<TuningCheck>({ kind: 'TuningChecks', items: checks, columns: tuningColumns, text: tuningText })
    if (checks.some(({ state }) => state === 'wrong')) this.answerNo()
  }
}
