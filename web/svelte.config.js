// Svelte's compiler settings: runes everywhere; style sheets stay files (a strict CSP needs that).
export default { compilerOptions: { runes: true, css: 'external' } };
