/** What the commands of `tkafka bench` are made of: a door of its own, so that other commands need not load it. */
export { BenchCommand } from './bench-command.ts'
export {
  amountOf,
  contentOf,
  endToEndFlags,
  intervalOf,
  loadFlags,
  loadSettings,
  madeTopicFlags,
  newTopicOf,
  producerConfigOf,
  sendFlags,
  shareOf,
  throughputOf,
  topicArgs,
  transactionFlags,
} from './bench-flags.ts'
export { figureText, latencyText } from './bench-text.ts'
