export default () => ({ dir: { input: "seiten", data: "../_data", includes: "../rahmen", output: "_site" } });
