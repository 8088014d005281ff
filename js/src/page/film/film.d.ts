// Pictures are built into the page.
declare module "*.webp" {
  const address: string;
  export default address;
}
