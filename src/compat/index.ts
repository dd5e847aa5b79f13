/**
 * compat: Apache Kafka's command-line tools under their own names: their options, their output to the byte, their exit codes.
 *
 * Invariants: a tool knows a cluster through client alone, and files through the host; it says what Kafka's says, where Kafka's says it
 * (standard output or error), but for the frames of Java's stack traces. Descriptions of options are Kafka's own words.
 */
export { notOffered, tools } from './registry.ts'
export { runTool } from './run-tool.ts'
export { serverShims } from './server-shims.ts'
export { shimText } from './shims.ts'
export { kafkaVersion, type ToolIo } from './tool.ts'
