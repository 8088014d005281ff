// Counts the Blob URLs that are alive: each holds its picture in memory until it is revoked.
{
  const alive = new Set();
  const { createObjectURL, revokeObjectURL } = URL;
  URL.createObjectURL = (blob) => {
    const url = createObjectURL.call(URL, blob);
    alive.add(url);
    return url;
  };
  URL.revokeObjectURL = (url) => {
    alive.delete(url);
    revokeObjectURL.call(URL, url);
  };
  window.blobUrls = () => alive.size;
}
