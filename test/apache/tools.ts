import { type Ended, type RunOptions, runJava } from './java-program.ts'
import { ToolHost } from './tool-host.ts'

/** Apache Kafka's command-line tools by the names of their scripts (without `kafka-` and `.sh`). */
export const toolClasses = {
  acls: 'org.apache.kafka.tools.AclCommand',
  'broker-api-versions': 'org.apache.kafka.tools.BrokerApiVersionsCommand',
  'client-metrics': 'org.apache.kafka.tools.ClientMetricsCommand',
  cluster: 'org.apache.kafka.tools.ClusterTool',
  configs: 'kafka.admin.ConfigCommand',
  'console-consumer': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  'console-producer': 'org.apache.kafka.tools.ConsoleProducer',
  'console-share-consumer': 'org.apache.kafka.tools.consumer.ConsoleShareConsumer',
  'consumer-groups': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  'consumer-perf-test': 'org.apache.kafka.tools.ConsumerPerformance',
  'delegation-tokens': 'org.apache.kafka.tools.DelegationTokenCommand',
  'delete-records': 'org.apache.kafka.tools.DeleteRecordsCommand',
  'dump-log': 'org.apache.kafka.tools.DumpLogSegments',
  'e2e-latency': 'org.apache.kafka.tools.EndToEndLatency',
  features: 'org.apache.kafka.tools.FeatureCommand',
  'get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
  groups: 'org.apache.kafka.tools.GroupsCommand',
  'leader-election': 'org.apache.kafka.tools.LeaderElectionCommand',
  'log-dirs': 'org.apache.kafka.tools.LogDirsCommand',
  'metadata-quorum': 'org.apache.kafka.tools.MetadataQuorumCommand',
  'producer-perf-test': 'org.apache.kafka.tools.ProducerPerformance',
  'reassign-partitions': 'org.apache.kafka.tools.reassign.ReassignPartitionsCommand',
  'replica-verification': 'org.apache.kafka.tools.ReplicaVerificationTool',
  'share-consumer-perf-test': 'org.apache.kafka.tools.ShareConsumerPerformance',
  'share-groups': 'org.apache.kafka.tools.consumer.group.ShareGroupCommand',
  storage: 'kafka.tools.StorageTool',
  'streams-groups': 'org.apache.kafka.tools.streams.StreamsGroupCommand',
  topics: 'org.apache.kafka.tools.TopicCommand',
  transactions: 'org.apache.kafka.tools.TransactionsCommand',
  'verifiable-consumer': 'org.apache.kafka.tools.VerifiableConsumer',
  'verifiable-producer': 'org.apache.kafka.tools.VerifiableProducer',
} as const

export type Tool = keyof typeof toolClasses

/** Runs one of the tools to its end in a Java process of its own. The exit code is part of the answer, not an error. */
export const runToolAlone = (tool: Tool, args: readonly string[], options?: RunOptions): Promise<Ended> =>
  runJava(toolClasses[tool], args, options)

let host: ToolHost | undefined

/** Runs one of the tools to its end, in the Java process that all tools of this process share unless one runs there now. */
export const runTool = (tool: Tool, args: readonly string[], options: RunOptions = {}): Promise<Ended> => {
  const { stdin = '', limitMs = 60_000, env, heap } = options
  if (env !== undefined || heap !== undefined || host?.isBusy === true) return runToolAlone(tool, args, options)
  if (host?.isThere !== true) host = new ToolHost()
  return host.run(toolClasses[tool], args, stdin, limitMs)
}
