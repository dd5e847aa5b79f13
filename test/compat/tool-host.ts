import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { startJava } from '../apache/java-program.ts'
import { runTool, type Tool, toolClasses } from '../apache/tools.ts'

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface ToolHost extends AsyncDisposable {
  /** Runs Kafka's own tool of that name (`kafka-topics`) to its end. */
  run(tool: string, args: readonly string[], stdin?: string): Promise<Outcome>
}

const encoded = (word: string): string => `=${Buffer.from(word).toString('base64')}`
const decoded = (word: string): string => Buffer.from(word.slice(1), 'base64').toString()

/** One Java process in which Kafka's own tools run one after the other. */
export function startToolHost(): ToolHost {
  const java = startJava('ToolHost.java', [join(import.meta.dirname, 'log4j2.properties')], { heap: '384m' })
  const answers = createInterface({ input: java.stdout! })[Symbol.asyncIterator]()
  let complaints = ''
  java.stderr!.on('data', (chunk) => (complaints += chunk))
  const ended = once(java, 'exit')
  return {
    run: async (tool, args, stdin = '') => {
      const main = toolClasses[tool.replace(/^kafka-/, '') as Tool]
      java.stdin!.write(`${[main, stdin, ...args].map(encoded).join(' ')}\n`)
      const answer = await answers.next()
      if (answer.done === true) throw new Error(`${tool}: Java ended: ${complaints}`)
      const [code, stdout, stderr] = (answer.value as string).split(' ')
      return { code: Number(code), stdout: decoded(stdout!), stderr: decoded(stderr!) }
    },
    [Symbol.asyncDispose]: async () => {
      java.stdin!.end()
      await ended
    },
  }
}

/** One that ends its process in a way that the others would not survive. */
export async function runAlone(tool: string, args: readonly string[]): Promise<Outcome> {
  const { code, stdout, stderr } = await runTool(tool.replace(/^kafka-/, '') as Tool, args)
  return { code: code ?? -1, stdout, stderr }
}
