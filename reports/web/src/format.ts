// Numbers as the static page writes them.

export function seconds(value: number): string {
  const digits = (x: number) => (x >= 99.95 ? 0 : x >= 9.995 ? 1 : 2);
  if (value === 0) return '0 s';
  if (value < 999.5e-6) return `${(value * 1e6).toFixed(digits(value * 1e6))} µs`;
  if (value < 0.9995) return `${(value * 1e3).toFixed(digits(value * 1e3))} ms`;
  if (value < 119.5) return `${value.toFixed(digits(value))} s`;
  const whole = Math.round(value);
  if (whole < 7200) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

export function share(value: number): string {
  const percent = value * 100;
  if (percent === 0) return '0 %';
  if (percent < 0.1) return '<0.1 %';
  if (percent > 99.5 && percent < 100) return '>99.5 %';
  return `${percent.toFixed(percent < 9.95 ? 1 : 0)} %`;
}

export const count = (value: number): string => Math.round(value).toLocaleString('en-US');
