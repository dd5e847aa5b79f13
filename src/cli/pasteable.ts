/** A command line on as many lines as the width asks for, broken in front of flags and of what a shell puts between commands. */
export function pasteable(line: string, width: number, indent = '    '): string {
  const parts = line.split(/ (?=-{1,2}[a-zA-Z]|[|<>])(?=(?:[^']*'[^']*')*[^']*$)/)
  const lines: string[] = []
  for (const part of parts) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + part.length + 3 <= width) lines[lines.length - 1] = `${last} ${part}`
    else lines.push(lines.length === 0 ? part : `  ${part}`)
  }
  return lines.map((each) => `${indent}${each}`).join(' \\\n')
}
