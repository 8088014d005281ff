// Okabe and Ito's colours, as `widgets/colours.py` has them: told apart by everybody.
const COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442"];

export function colourOf(part: number): string {
  return COLOURS[part % COLOURS.length] as string;
}
