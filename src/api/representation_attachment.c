/* Representations: attachments. */
#include "representation_fields.h"

static const struct field attachment_fields[] = {
	ID("id", "Its id (UUIDv7)."),
	ID("issue_id", "The issue that it belongs to."),
	ID("uploader_id", "Who attached it."),
	TEXT("filename", "Its name, without a path.", "screenshot.png"),
	TEXT("content_type", "Its media type, by its content.", "image/png"),
	{ .name = "size", .type = FIELD_INT, .min = 1, .max = -1, .doc = "Bytes.", .example = "48213" },
	TEXT("sha256", "The SHA-256 of its content, in hexadecimal.",
	     "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
	CREATED_AT,
};
const struct representation representation_attachment = {
	.name = "Attachment",
	.doc = "A file that belongs to an issue.",
	FIELDS_OF(attachment_fields),
	.tagged = true,
};

const struct representation representation_file = {
	.name = "File",
	.doc = "The content of an attachment, of its type.",
	.media = "*/*",
	.tagged = true,
};
