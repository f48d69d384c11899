/** A knip reporter that says how many files were analysed, so that a check of nothing can fail. */
export default ({ counters }) => {
  console.log(`knip analysed ${counters.processed} files`);
};
