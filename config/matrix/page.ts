import type { Matrix } from "../../plugins/residency/index.ts"
import { type Line, linesOf, operations } from "./lines.ts"
import { matrixPicture, text } from "./picture.ts"
import { type Headings, placesOf } from "./table.ts"

/** The matrix as one page that needs nothing else: the picture, and below it every line in words. */
export const matrixPage = (matrix: Matrix, headings: Headings, file: string): string => {
  const lines = linesOf(matrix.rows)
  const sections = [...Map.groupBy(lines, ({ dataSet, pipeline }) => `${pipeline} / ${dataSet}`)]
  return [
    "<!doctype html>",
    "<html lang=\"en\"><head><meta charset=\"utf-8\">",
    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">",
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
    `<title>${text(file)}: what the policy makes reachable</title>`,
    `<style>${style}</style></head><body><main>`,
    `<div class="picture" tabindex="0" aria-label="the picture, scrollable">${matrixPicture(matrix, headings)}</div>`,
    "<h2>In words</h2>",
    ...sections.map(([name, members]) => table(name, members, headings)),
    `<footer>${text(file)} · policy ${matrix.policy} · ${matrix.asked} questions, ${matrix.denied} denied</footer>`,
    "</main></body></html>",
    ""
  ].join("\n")
}

const table = (name: string, lines: ReadonlyArray<Line>, headings: Headings): string => {
  const { dataSet, pipeline } = lines[0]!
  const shown = operations.filter((operation) => lines.some(({ cells }) => cells.has(operation)))
  const rows = lines.map((line) => {
    const cells = shown.map((operation) => {
      const cell = line.cells.get(operation)
      if (cell === undefined) return "<td class=\"none\">–</td>"
      const kind = cell.crosses && cell.reach === "allow" ? "away" : cell.reach
      return `<td class="${kind}">${cell.reach}${cell.reads ? "*" : ""}</td>`
    })
    const who = line.through === undefined ? line.party : `${line.party} through ${line.through}`
    const ground = line.grounds.length === 0 ? "at home" : line.grounds.join("; ")
    return `<tr><th scope="row">${text(who)}</th><td>${text(placesOf(line))}</td>${cells.join("")}<td>${
      text(ground)
    }</td></tr>`
  })
  const head = ["party", "at", ...shown, "on what ground"].map((one) => `<th scope="col">${one}</th>`).join("")
  return `<section><h3>${text(name)}</h3><p>${text(headings.pipeline(pipeline))}; ${
    text(headings.dataSet(dataSet))
  }</p>`
    + `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${
      rows.join("")
    }</tbody></table></div></section>`
}

const style = `
:root{color-scheme:light dark;--ink:#1b2330;--dim:#66738a;--line:#dbe1ea;--back:#f2f5f9;--card:#fbfcfe}
@media (prefers-color-scheme:dark){:root{--ink:#e6ebf3;--dim:#8e9bb2;--line:#28303d;--back:#0c0f14;--card:#12161d}}
body{margin:0;background:var(--back);color:var(--ink);font:14px/1.5 ui-sans-serif,system-ui,"Segoe UI",sans-serif}
main{max-width:1180px;margin:0 auto;padding:32px 20px}
.picture,.scroll{overflow:auto}.picture{border:1px solid var(--line);border-radius:14px;background:var(--card)}
svg{display:block}h2{margin:36px 0 8px;font-size:18px}h3{margin:26px 0 0;font-size:15px}p{margin:2px 0 8px;color:var(--dim)}
table{border-collapse:collapse;background:var(--card);border:1px solid var(--line)}
th,td{padding:5px 10px;border-bottom:1px solid var(--line);text-align:left;white-space:nowrap;font-size:13px}
thead th{color:var(--dim);font-weight:500}td.allow{color:#2f9e6e}td.away{color:#d9485f;font-weight:600}
td.mask{color:#c47f14}td.approve{color:#7a6ff0}td.none{color:var(--dim)}footer{margin-top:28px;color:var(--dim);font-size:12px}
`.trim()
