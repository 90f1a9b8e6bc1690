"""Labelling configs as projects have them, and a moment of a track."""

from dataclasses import dataclass

PROJECT = """
<View>
  <Header value="Draw what sounds"/>
  <View style="display: flex">
    <Labels name="what" toName="clip">
      <Label value="dog"/><View><Label value="sounding object" alias="obj"/></View>
    </Labels>
    <Video name="clip" value="$media.url" frameRate="$fps" height="300"/>
  </View>
  <VideoRectangle name="where" toName="clip"/>
  <TimelineLabels name="when" toName="clip"><Label value="music"/><Label value="sounding"/></TimelineLabels>
  <Choices name="kind" toName="clip" choice="multiple">
    <Choice value="Animal" alias="animal"/><Choice value="Vehicle"><Choice value="car"/></Choice>
  </Choices>
</View>
"""

# The video's sound beside it, played in step; further clips in a List.
AUDIO = """
<View>
  <Labels name="what" toName="clip"><Label value="dog"/><Label value="cat"/></Labels>
  <Video name="clip" value="$video" sync="both" frameRate="25"/>
  <VideoRectangle name="where" toName="clip"/>
  <Labels name="heard" toName="wave"><Label value="sounding"/><Label value="dog" alias="d"/></Labels>
  <Audio name="wave" value="$video" sync="both"/>
  <TextArea name="comment" toName="clip"/>
  <TextArea name="similar_clips" toName="wave"/>
  <List name="alike" value="$alike"/>
  <Ranker name="order" toName="alike"/>
</View>
"""

PICTURE = """
<View>
  <Image name="photo" value="$image"/>
  <RectangleLabels name="box" toName="photo"><Label value="dog"/><Label value="sounding object"/></RectangleLabels>
  <BrushLabels name="heat" toName="photo"><Label value="warm"/></BrushLabels>
  <Audio name="sound" value="$sound"/>
</View>
"""

QUERY = """
<View>
  <Video name="clip" value="$video"/>
  <VideoRectangle name="where" toName="clip"/>
  <Audio name="wanted" value="$query"/>
</View>
"""


@dataclass
class Moment:
    """A moment of a track."""

    time: float
    box: tuple[float, float, float, float] = (0.1, 0.2, 0.3, 0.6)
    visible: bool = True
