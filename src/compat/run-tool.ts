import { notOffered, tools } from './registry.ts'
import { ToolExit, type ToolIo } from './tool.ts'

/** Runs the tool of that name with all of its arguments. Gives the code to end the process with. */
export async function runTool(name: string, args: readonly string[], io: ToolIo): Promise<number> {
  const bare = name.replace(/\.sh$/, '')
  const load = tools[bare]
  if (load === undefined) {
    io.err(
      `${bare} is not offered: ${notOffered[bare] ?? 'Apache Kafka has no tool of this name; see tkafka compat for those that are here.'}\n`,
    )
    return 1
  }
  const tool = await load()
  try {
    return await tool(args, io)
  } catch (error) {
    if (error instanceof ToolExit) return error.code
    throw error
  }
}
