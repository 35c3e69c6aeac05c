/* format.c -- formats by the bytes that all their files have in one place. */
#include "data/format.h"

#include <string.h>
#include <strings.h>

static const struct {
    size_t at, size;
    const char *bytes, *name;
} known[] = {
    {8, 4, "WEBP", "WebP"},
    {0, 4, "GIF8", "GIF"},
    {0, 4, "II*\0", "TIFF"},
    {0, 4, "MM\0*", "TIFF"},
    {0, 4, "II+\0", "BigTIFF"},
    {0, 4, "MM\0+", "BigTIFF"},
    {4, 8, "ftypheic", "HEIC"},
    {4, 8, "ftypheix", "HEIC"},
    {4, 8, "ftypmif1", "HEIF"},
    {4, 8, "ftypmsf1", "HEIF"},
    {4, 8, "ftypavif", "AVIF"},
    {0, 12, "\0\0\0\14jP  \r\n\207\n", "JPEG 2000"},
    {0, 12, "\0\0\0\14JXL \r\n\207\n", "JPEG XL"},
    {0, 2, "\377\n", "JPEG XL"},
    {0, 4, "8BPS", "Photoshop"},
    {0, 8, "\211HDF\r\n\032\n", "HDF5"},
    {0, 3, "CDF", "netCDF"},
    {0, 4, "PAR1", "Parquet"},
    {0, 6, "ARROW1", "Arrow (Feather)"},
    {0, 4, "FEA1", "Feather"},
    {0, 3, "\200\2c", "pickle"},
    {0, 2, "\200\2", "pickle (PyTorch)"},
    {0, 2, "\200\3", "pickle"},
    {0, 2, "\200\4", "pickle"},
    {0, 2, "\200\5", "pickle"},
    {0, 10, "MATLAB 5.0", "MATLAB"},
    {0, 4, "RDX3", "R data"},
    {0, 2, "X\n", "R data"},
    {0, 8, "\320\317\21\340\241\261\32\341", "old Excel (.xls)"},
    {0, 4, "PK\3\4", "ZIP"},
    {0, 4, "PK\5\6", "ZIP (empty)"},
    {0, 3, "BZh", "bzip2"},
    {0, 6, "\3757zXZ\0", "xz"},
    {0, 4, "\50\265\57\375", "zstd"},
    {0, 6, "7z\274\257\47\34", "7z"},
    {257, 5, "ustar", "tar"},
    {0, 5, "%PDF-", "PDF"},
    {0, 15, "SQLite format 3", "SQLite"},
    {0, 23, "version https://git-lfs", "Git LFS's note of a file elsewhere"},
};

const char *jf_format_name(const unsigned char *head, size_t size)
{
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (size >= known[k].at + known[k].size &&
            memcmp(head + known[k].at, known[k].bytes, known[k].size) == 0)
            return known[k].name;
    if (size >= 10 && head[0] == 'B' && head[1] == 'M' &&
        head[6] + head[7] + head[8] + head[9] == 0)
        return "BMP";
    size_t blank = 0;
    while (blank < size && strchr(" \t\r\n", head[blank]) && head[blank])
        blank++;
    const char *text = (const char *)head + blank;
    if (size - blank >= 9 && (strncasecmp(text, "<!doctype", 9) == 0 ||
                              strncasecmp(text, "<html", 5) == 0))
        return "HTML (a web page)";
    if (size - blank >= 5 && strncmp(text, "<?xml", 5) == 0)
        return "XML";
    return size - blank >= 1 && strchr("{[", *text) && *text ? "JSON" : NULL;
}

int jf_format_text(const unsigned char *head, size_t size)
{
    if (size >= 2 &&
        (memcmp(head, "\377\376", 2) == 0 || memcmp(head, "\376\377", 2) == 0))
        return 1; /* UTF-16 */
    for (size_t i = 0; i < size; i++)
        if (head[i] < ' ' && !strchr("\t\n\v\f\r", head[i]))
            return 0;
    return size > 0;
}
