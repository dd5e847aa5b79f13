#!/usr/bin/env node
// The launcher of the sources: as run.js, without a build (Node strips the types by itself).
import { fileURLToPath } from 'node:url'

if (Number.parseInt(process.versions.node, 10) < 24) {
  const { handOverProgram } = await import('./runtime.js')
  await handOverProgram(fileURLToPath(import.meta.url))
} else {
  if (process.channel !== undefined) (await import('./runtime.js')).endWithLauncher()
  const { main } = await import('../src/cli/main.ts')
  await main(process.argv.slice(2))
}
