import { ClusterCommand, Flags, loadHealthText, voterLagFlag, voterLagMs, watchFlags } from '../../src/cli/index.ts'
import { type HealthCheck, loadClusterHealth } from '../../src/ops/index.ts'
import { isRetriable, KafkaError } from '../../src/protocol/index.ts'

/** One question may not take the time of all the others. */
const LOOK_MS_MAX = 5000
const PAUSE_MS = 250

export default class ClusterHealth extends ClusterCommand {
  static override summary = 'tell whether everything in a cluster is as it should be'
  static override description =
    'The quorum is led and its voters have caught up; all brokers are unfenced and answer; no partition is without a leader, under min.insync.replicas, or under-replicated. The exit code is 3 when it is not so.'
  static override examples = [
    '<%= config.bin %> cluster health',
    { description: 'In a script, before the next broker is restarted:', command: '<%= config.bin %> cluster health --wait --timeout 5m' },
    { description: 'Every partition that is concerned:', command: '<%= config.bin %> cluster health --json' },
  ]
  static override flags = {
    ...watchFlags,
    ...voterLagFlag,
    wait: Flags.boolean({ charAliases: ['e'], aliases: ['exit-when-healthy'], summary: 'until it is so, as long as --timeout' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.read(ClusterHealth)
    const lagMsMax = voterLagMs(flags)
    const { clock } = await this.shell.host()
    const deadlineMs = clock.monotonic() + this.timeoutMs(flags)
    const look = async (): Promise<HealthCheck[]> => {
      const admin = await this.openAdmin(flags)
      const { clusterHealth } = await loadClusterHealth()
      const timeoutMs = Math.max(1, Math.floor(Math.min(LOOK_MS_MAX, deadlineMs - clock.monotonic())))
      return clusterHealth(admin, { lagMsMax, timeoutMs })
    }
    const checks = flags.wait ? await this.#waited(look, deadlineMs) : await look()
    const { healthColumns, healthText } = await loadHealthText()
    await this.render<HealthCheck>({ kind: 'ClusterHealth', items: checks, columns: healthColumns, text: healthText })
    if (checks.some(({ healthy }) => !healthy)) this.answerNo()
  }

  /** The first healthy answer, or the last one. A cluster that does not answer yet is waited for as well. */
  async #waited(look: () => Promise<HealthCheck[]>, deadlineMs: number): Promise<HealthCheck[]> {
    const { clock } = await this.shell.host()
    let told = ''
    for (;;) {
      const timeIsUp = (): boolean => clock.monotonic() + PAUSE_MS >= deadlineMs
      try {
        const checks = await look()
        const ill = checks.filter(({ healthy }) => !healthy).map(({ check }) => check)
        if (ill.length === 0 || timeIsUp()) return checks
        if (told !== ill.join()) this.tell(`waiting: ${ill.join(', ')}`)
        told = ill.join()
      } catch (error) {
        if (!(error instanceof KafkaError) || !isRetriable(error.code) || timeIsUp()) throw error
        if (told !== error.message) this.tell(`waiting: ${error.message}`)
        told = error.message
      }
      await this.pause(PAUSE_MS)
    }
  }
}
