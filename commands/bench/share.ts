import { loadMadeGroups, loadShareLoad } from '../../src/bench/index.ts'
import {
  amountOf,
  BenchCommand,
  contentOf,
  intervalOf,
  loadFlags,
  loadSettings,
  madeTopicFlags,
  newTopicOf,
  producerConfigOf,
  sendFlags,
  topicArgs,
} from '../../src/cli/bench/index.ts'
import { counted, Flags, leftOutText, parseCount, parseDurationMs, shareSettings, usageFault } from '../../src/cli/index.ts'
import type { Admin } from '../../src/client/index.ts'

const FILL = 200_000
const { throughput: _throughput, ...fillFlags } = sendFlags

export default class BenchShare extends BenchCommand {
  static override summary = 'measure how a cluster gives records to a share group'
  static override description =
    'Members of a share group (KIP-932) read a topic and acknowledge what they get: all of it with the next request, or with --explicit each record by itself. Without a group, one is made for each round, which begins at the beginning, and deleted afterwards; without a topic, one is made and filled first. Told besides: what was acknowledged and how long after it was given, what the brokers refused, and what had been given to somebody before. Settings come by -X: max.poll.records, share.acquire.mode=record_limit, fetch.max.wait.ms.'
  static override examples = [
    { description: 'A topic from its beginning to its end:', command: '<%= config.bin %> bench share orders' },
    {
      description: '100,000 records of 100 bytes, written first, by four members:',
      command: '<%= config.bin %> bench share -n 100000 --record-size 100 --consumers 4',
    },
    {
      description: 'For a minute as members of a group that is there, acknowledging each record:',
      command: '<%= config.bin %> bench share jobs -g workers -d 1m --explicit --yes',
    },
  ]
  static override usage = 'bench share [TOPIC] [FLAGS]'
  static override args = topicArgs
  static override flags = {
    ...loadFlags,
    ...fillFlags,
    ...madeTopicFlags,
    group: Flags.string({
      char: 'g',
      aliases: ['share-group'],
      summary: 'read as members of this share group, from where it is; with --yes also of one in use',
      helpValue: 'GROUP',
    }),
    consumers: Flags.string({ aliases: ['threads'], summary: 'members with connections of their own', helpValue: 'N', default: '1' }),
    explicit: Flags.boolean({ summary: 'acknowledge each record by itself' }),
    decode: Flags.boolean({ summary: 'look at every record, not at batches alone' }),
    silence: Flags.string({ summary: 'end when nothing came for so long', helpValue: 'TIME', default: '15s' }),
  }

  async run(): Promise<void> {
    const { flags, args } = await this.read(BenchShare)
    const name = flags.topic ?? args.topic
    const isEndless = flags['num-records'] === undefined && flags.duration === undefined
    const amount = amountOf({ ...flags, warmup: flags.warmup ?? '0' })
    const consumers = parseCount(flags.consumers, '--consumers', 1, 1000)
    const rounds = parseCount(flags.rounds, '--rounds', 1, 1000)
    const intervalMs = intervalOf(flags.interval)
    const silenceMs = parseDurationMs(flags.silence, '--silence')
    if (flags.group !== undefined && rounds > 1) throw usageFault('a group reads once what it reads', 'Leave --group out, or --rounds.')
    const content = await contentOf(this.shell, { ...flags, throughput: '-1' })
    const made = newTopicOf(flags)
    const { values, leftOut } = await shareSettings((await this.settings(flags)).values)
    if (leftOut.length > 0) this.tell(leftOutText(leftOut), 'always')
    const topic = await this.topicFor(flags, name, made)
    const admin = await this.openAdmin(flags)
    if (flags.group !== undefined && name !== undefined) await this.#confirmShareGroup(admin, flags, flags.group, name)
    if (name === undefined) {
      const producers = parseCount(flags.producers, '--producers', 1, 1000)
      const countMax = flags['num-records'] === undefined ? FILL : amount.countMax
      await this.fill(topic, countMax, producers, content, { 'batch.size': 131_072, ...values, ...producerConfigOf(flags) })
    }
    const host = await this.shell.host()
    const stop = this.shell.stopSignal()
    const { deleteShareGroup, makeShareGroup, recordsOf } = await loadMadeGroups()
    const { shareLoad } = await loadShareLoad()
    const whole = {
      countMax: isEndless && flags.group === undefined ? await recordsOf(admin, topic) : 0,
      durationMs: Number.POSITIVE_INFINITY,
    }
    const config = { ...values, ...(flags.explicit ? { 'share.acknowledgement.mode': 'explicit' } : {}) }
    const { throughput: _none, producers: _ours, ...shape } = loadSettings({ ...flags, throughput: '-1' })
    const own = { ...(name === undefined ? shape : {}), consumers, decode: flags.decode || flags.explicit }
    await this.measure({
      kind: 'share',
      topic,
      settings: await this.settingsOf(own, { ...config, 'group.id': flags.group ?? null }),
      rounds: flags.rounds,
      save: flags.save,
      saves: !flags['no-save'],
      report: flags.report,
      round: async (onRow) => {
        const group = flags.group ?? (await makeShareGroup(admin, host))
        try {
          const load = { host, topic, consumers, intervalMs, silenceMs, onRow, stop, decode: flags.decode, ...amount }
          const all = isEndless && flags.group === undefined ? whole : {}
          return await shareLoad({ ...load, ...all, config: { ...config, 'group.id': group } }, (keys) => this.warnUnknown(keys))
        } finally {
          const failure = flags.group === undefined ? await deleteShareGroup(admin, group) : undefined
          if (failure !== undefined) this.tell(failure, 'always')
        }
      },
    })
  }

  /** Another's group would have to share its records with the load, and miss those that it got. @throws Fault (usage) unless that is wanted */
  async #confirmShareGroup(admin: Admin, flags: { yes: boolean }, group: string, topic: string): Promise<void> {
    const [[described], [listed]] = await Promise.all([admin.describeShareGroups([group]), admin.listShareGroupOffsets([group])])
    const members = described?.error === null ? described.value.members.length : 0
    const hasBegun =
      listed?.error === null && listed.value.some(({ item, value }) => item.topic === topic && Number(value?.startOffset ?? -1) >= 0)
    if (members > 0)
      await this.confirm(flags, [`share group ${group} has ${counted(members, 'member')}, who miss what the load gets`], 'Go ahead?')
    else if (hasBegun)
      await this.confirm(flags, [`share group ${group} reads ${topic}, and will not get again what the load gets`], 'Go ahead?')
    else this.tell(`share group ${group} is new to ${topic}: it begins at the end, unless its share.auto.offset.reset is earliest`)
  }
}
