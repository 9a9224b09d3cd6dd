"""Pools: properties, what is wanted and drifts, checkpoint, removal; pools that can be imported."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("storage", "0005_datasets")]

    operations = [
        migrations.CreateModel(
            name="ImportablePool",
            fields=[
                ("guid", models.TextField(primary_key=True, serialize=False)),
                ("name", models.TextField()),
                ("state", models.TextField()),
                ("destroyed", models.BooleanField()),
                ("foreign", models.BooleanField()),
                ("missing_log", models.BooleanField()),
                ("usable", models.BooleanField()),
                ("status", models.TextField()),
                ("action", models.TextField()),
                ("layout", models.JSONField()),
                ("disks", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ("found_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField("pool", "properties", models.JSONField(default=dict), preserve_default=False),
        migrations.AddField("pool", "wanted", models.JSONField(default=dict), preserve_default=False),
        migrations.AddField("pool", "drift", models.JSONField(default=list), preserve_default=False),
        migrations.AddField("pool", "upgradable", models.BooleanField(default=False), preserve_default=False),
        migrations.AddField("pool", "checkpoint", models.BooleanField(default=False), preserve_default=False),
        migrations.AddField("pool", "removal", models.JSONField(null=True)),
    ]
