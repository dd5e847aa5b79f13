import type { Ended } from '../apache/java-program.ts'
import { runTool, runToolAlone, type Tool } from '../apache/tools.ts'

const named = (tool: string): Tool => tool.replace(/^kafka-/, '') as Tool

/** Runs Kafka's own tool of that name (`kafka-topics`) to its end. */
export const runTheirs = (tool: string, args: readonly string[], stdin = ''): Promise<Ended> => runTool(named(tool), args, { stdin })

/** One that ends its process in a way that the others would not survive. */
export const runAlone = (tool: string, args: readonly string[]): Promise<Ended> => runToolAlone(named(tool), args)
